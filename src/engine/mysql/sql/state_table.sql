-- All that DDL makes of a table, and nothing that data, statistics or AUTO_INCREMENT do. MariaDB.
COALESCE((SELECT {row: t.table_type, t.engine, t.table_collation, t.create_options, t.table_comment,
    (SELECT {rows: column_name, ordinal_position, column_default, is_nullable, column_type, character_set_name,
        collation_name, extra, is_generated, generation_expression, column_comment :rows}
    FROM information_schema.columns
    WHERE table_schema = {schema} AND table_name = {name}),
    (SELECT {rows: index_name, seq_in_index, non_unique, column_name, collation, sub_part, index_type, index_comment,
        ignored :rows}
    FROM information_schema.statistics
    WHERE table_schema = {schema} AND table_name = {name}),
    (SELECT {rows: constraint_name, column_name, ordinal_position, position_in_unique_constraint,
        referenced_table_schema, referenced_table_name, referenced_column_name :rows}
    FROM information_schema.key_column_usage
    WHERE table_schema = {schema} AND table_name = {name}),
    (SELECT {rows: constraint_name, match_option, update_rule, delete_rule :rows}
    FROM information_schema.referential_constraints
    WHERE constraint_schema = {schema} AND table_name = {name}),
    (SELECT {rows: constraint_name, level, check_clause :rows}
    FROM information_schema.check_constraints
    WHERE constraint_schema = {schema} AND table_name = {name}),
    (SELECT {rows: partition_name, subpartition_name, partition_ordinal_position, subpartition_ordinal_position,
        partition_method, subpartition_method, partition_expression, subpartition_expression, partition_description,
        partition_comment, nodegroup, tablespace_name :rows}
    FROM information_schema.partitions
    WHERE table_schema = {schema} AND table_name = {name}) :row}
FROM information_schema.tables t
WHERE t.table_schema = {schema} AND t.table_name = {name}), 'absent')
