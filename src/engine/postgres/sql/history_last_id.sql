-- Not needed where the row itself has told its id, see history_insert.sql.
SELECT pg_catalog.lastval()
