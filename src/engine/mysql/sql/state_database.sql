-- MariaDB.
COALESCE((SELECT {row: default_character_set_name, default_collation_name, schema_comment :row}
FROM information_schema.schemata
WHERE schema_name = {schema}), 'absent')
