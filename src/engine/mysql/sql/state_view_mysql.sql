-- Of the columns the names alone: their types are those of the tables below, which change without the view. MySQL.
COALESCE((SELECT {row: v.view_definition, v.check_option, v.definer, v.security_type, v.character_set_client,
    v.collation_connection,
    (SELECT {rows: column_name, ordinal_position :rows}
    FROM information_schema.columns
    WHERE table_schema = {schema} AND table_name = {name}) :row}
FROM information_schema.views v
WHERE v.table_schema = {schema} AND v.table_name = {name}), 'absent')
