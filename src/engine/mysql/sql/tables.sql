-- What other tools may have left, here or in a database of their own.
SELECT c.table_schema, c.table_name, LOWER(c.column_name), IF(c.table_schema = DATABASE(), '1', NULL)
FROM information_schema.columns c
WHERE (c.table_schema = DATABASE() OR c.table_schema IN ('sqitch', 'atlas_schema_revisions')) AND LOWER(c.table_name) IN ({names})
ORDER BY c.table_schema, c.table_name, c.ordinal_position
