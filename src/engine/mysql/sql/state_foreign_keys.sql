-- All foreign keys of a table.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: constraint_name, referenced_table_name, update_rule, delete_rule :rows})
FROM information_schema.referential_constraints
WHERE constraint_schema = {schema} AND table_name = {table})
