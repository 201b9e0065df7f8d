-- The foreign keys of a table over just these columns, in their order: {columns} is true for {count} rows of those.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: k.name, k.refers_to :rows})
FROM (SELECT constraint_name AS name, MIN(referenced_table_name) AS refers_to
    FROM information_schema.key_column_usage
    WHERE table_schema = {schema} AND table_name = {table} AND referenced_table_name IS NOT NULL
    GROUP BY constraint_name
    HAVING COUNT(*) = {count} AND SUM(IF({columns}, 1, 0)) = {count}) k)
