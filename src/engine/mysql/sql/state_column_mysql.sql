-- A column of a table, without its place. MySQL.
COALESCE((SELECT {row: column_default, is_nullable, column_type, character_set_name, collation_name, extra,
    generation_expression, column_comment, srs_id :row}
FROM information_schema.columns
WHERE table_schema = {schema} AND table_name = {table} AND column_name = {name}), 'absent')
