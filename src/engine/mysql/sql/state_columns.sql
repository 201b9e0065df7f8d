-- Names and types of the columns: enough to tell a table that was to be dropped from another that came after it.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: column_name, ordinal_position, is_nullable, column_type :rows})
FROM information_schema.columns
WHERE table_schema = {schema} AND table_name = {name})
