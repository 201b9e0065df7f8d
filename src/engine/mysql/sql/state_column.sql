-- A column of a table, without its place. MariaDB.
COALESCE((SELECT {row: c.column_default, c.is_nullable, c.column_type, c.character_set_name, c.collation_name, c.extra,
    c.is_generated, c.generation_expression, c.column_comment,
    (SELECT {rows: check_clause :rows}
    FROM information_schema.check_constraints
    WHERE constraint_schema = {schema} AND table_name = {table} AND level = 'Column' AND constraint_name = {name}) :row}
FROM information_schema.columns c
WHERE c.table_schema = {schema} AND c.table_name = {table} AND c.column_name = {name}), 'absent')
