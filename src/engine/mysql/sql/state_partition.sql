-- A partition of a table, without its place.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: subpartition_name, partition_method, partition_expression,
    partition_description, partition_comment :rows})
FROM information_schema.partitions
WHERE table_schema = {schema} AND table_name = {table} AND partition_name = {name})
