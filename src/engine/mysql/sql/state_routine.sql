COALESCE((SELECT {row: dtd_identifier, routine_definition, is_deterministic, sql_data_access, security_type, sql_mode,
    routine_comment, definer, character_set_client, collation_connection, database_collation :row}
FROM information_schema.routines
WHERE routine_schema = {schema} AND routine_name = {name} AND routine_type = {type}), 'absent')
