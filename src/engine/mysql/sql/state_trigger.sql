-- Without its place among the triggers of its table, which changes with the others.
COALESCE((SELECT {row: event_manipulation, event_object_table, action_timing, action_statement, sql_mode, definer,
    character_set_client, collation_connection, database_collation :row}
FROM information_schema.triggers
WHERE trigger_schema = {schema} AND trigger_name = {name}{on}), 'absent')
