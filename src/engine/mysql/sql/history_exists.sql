-- The columns of the history table; none: it is not there.
SELECT LOWER(column_name)
FROM information_schema.columns
WHERE table_schema = {schema_text} AND table_name = {table_text}
ORDER BY ordinal_position
