-- Rows ship as migrations, too.
INSERT INTO author (id, name) VALUES
    (1, 'Rachel Carson'),
    (2, 'Nan Shepherd');

INSERT INTO book (author_id, title, published) VALUES
    (1, 'The Sea Around Us', 1951),
    (1, 'Silent Spring', 1962),
    (2, 'The Living Mountain', 1977);
