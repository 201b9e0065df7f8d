-- First whether there is a table of leases: a row without a name. Then the columns of the history; none: it is not there.
SELECT '', (SELECT '1' FROM information_schema.tables l WHERE l.table_schema = {schema_text} AND l.table_name = {lease_text} LIMIT 1), 0
UNION ALL
SELECT LOWER(c.column_name), NULL, c.ordinal_position
FROM information_schema.columns c
WHERE c.table_schema = {schema_text} AND c.table_name = {table_text}
ORDER BY 3
