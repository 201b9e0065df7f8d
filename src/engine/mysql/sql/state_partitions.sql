-- How a table is partitioned. One that is not has one row.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: partition_name, subpartition_name, partition_ordinal_position,
    subpartition_ordinal_position, partition_method, subpartition_method, partition_expression, subpartition_expression,
    partition_description :rows})
FROM information_schema.partitions
WHERE table_schema = {schema} AND table_name = {table})
