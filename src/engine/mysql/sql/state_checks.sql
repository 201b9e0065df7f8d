-- All checks of a table that are no column's. MariaDB.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: constraint_name, check_clause :rows})
FROM information_schema.check_constraints
WHERE constraint_schema = {schema} AND table_name = {table} AND level = 'Table')
