-- MySQL.
COALESCE((SELECT {row: s.default_character_set_name, s.default_collation_name, s.default_encryption, x.options :row}
FROM information_schema.schemata s
LEFT JOIN information_schema.schemata_extensions x ON x.schema_name = s.schema_name
WHERE s.schema_name = {schema}), 'absent')
