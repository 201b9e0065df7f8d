-- The third statement has a mistake: no column is called "rating".
CREATE TABLE rating (
    book_id INTEGER NOT NULL REFERENCES book (id),
    stars   INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5)
);

ALTER TABLE book ADD COLUMN stars REAL;

UPDATE book SET stars = rating;
