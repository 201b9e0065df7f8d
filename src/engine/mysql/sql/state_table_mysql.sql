-- All that DDL makes of a table, and nothing that data, statistics or AUTO_INCREMENT do. MySQL.
COALESCE((SELECT {row: t.table_type, t.engine, t.row_format, t.table_collation, t.create_options, t.table_comment,
    (SELECT {rows: column_name, ordinal_position, column_default, is_nullable, column_type, character_set_name,
        collation_name, extra, generation_expression, column_comment, srs_id :rows}
    FROM information_schema.columns
    WHERE table_schema = {schema} AND table_name = {name}),
    (SELECT {rows: index_name, seq_in_index, non_unique, column_name, expression, collation, sub_part, index_type,
        index_comment, is_visible :rows}
    FROM information_schema.statistics
    WHERE table_schema = {schema} AND table_name = {name}),
    (SELECT {rows: constraint_name, column_name, ordinal_position, position_in_unique_constraint,
        referenced_table_schema, referenced_table_name, referenced_column_name :rows}
    FROM information_schema.key_column_usage
    WHERE table_schema = {schema} AND table_name = {name}),
    (SELECT {rows: constraint_name, match_option, update_rule, delete_rule :rows}
    FROM information_schema.referential_constraints
    WHERE constraint_schema = {schema} AND table_name = {name}),
    (SELECT {rows: c.constraint_name, c.enforced, k.check_clause :rows}
    FROM information_schema.table_constraints c
    LEFT JOIN information_schema.check_constraints k
        ON k.constraint_schema = c.constraint_schema AND k.constraint_name = c.constraint_name
    WHERE c.table_schema = {schema} AND c.table_name = {name}),
    (SELECT {rows: partition_name, subpartition_name, partition_ordinal_position, subpartition_ordinal_position,
        partition_method, subpartition_method, partition_expression, subpartition_expression, partition_description,
        partition_comment, nodegroup, tablespace_name :rows}
    FROM information_schema.partitions
    WHERE table_schema = {schema} AND table_name = {name}) :row}
FROM information_schema.tables t
WHERE t.table_schema = {schema} AND t.table_name = {name}), 'absent')
