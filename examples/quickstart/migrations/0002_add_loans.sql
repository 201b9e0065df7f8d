-- Who has which book. A trigger body keeps its own semicolons.
CREATE TABLE loan (
    id       INTEGER PRIMARY KEY,
    book_id  INTEGER NOT NULL REFERENCES book (id),
    reader   TEXT NOT NULL,
    lent     TEXT NOT NULL DEFAULT CURRENT_DATE,
    returned TEXT
);

CREATE TRIGGER loan_one_reader BEFORE INSERT ON loan
BEGIN
    SELECT RAISE(ABORT, 'this book is lent already; wait for it')
    WHERE EXISTS (SELECT 1 FROM loan WHERE book_id = NEW.book_id AND returned IS NULL);
END;
