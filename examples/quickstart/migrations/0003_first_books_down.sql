DELETE FROM book WHERE author_id IN (1, 2);
DELETE FROM author WHERE id IN (1, 2);
