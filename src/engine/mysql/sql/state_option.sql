-- One option of a table, {type}.
COALESCE((SELECT {row: {type} :row}
FROM information_schema.tables t
WHERE t.table_schema = {schema} AND t.table_name = {table}), 'absent')
