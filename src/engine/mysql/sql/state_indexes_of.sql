-- The indexes of a table over just these columns, in their order: {columns} is true for {count} rows of those.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: i.name, i.non_unique, i.type :rows})
FROM (SELECT index_name AS name, MIN(non_unique) AS non_unique, MIN(index_type) AS type
    FROM information_schema.statistics
    WHERE table_schema = {schema} AND table_name = {table}
    GROUP BY index_name
    HAVING COUNT(*) = {count} AND SUM(IF({columns}, 1, 0)) = {count}) i)
