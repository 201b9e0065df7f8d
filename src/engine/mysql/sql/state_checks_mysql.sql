-- All checks of a table. MySQL.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: c.constraint_name, c.enforced, k.check_clause :rows})
FROM information_schema.table_constraints c
JOIN information_schema.check_constraints k
    ON k.constraint_schema = c.constraint_schema AND k.constraint_name = c.constraint_name
WHERE c.table_schema = {schema} AND c.table_name = {table} AND c.constraint_type = 'CHECK')
