COALESCE((SELECT {row: definer, time_zone, event_definition, event_type, execute_at, interval_value, interval_field,
    sql_mode, starts, ends, status, on_completion, event_comment, character_set_client, collation_connection,
    database_collation :row}
FROM information_schema.events
WHERE event_schema = {schema} AND event_name = {name}), 'absent')
