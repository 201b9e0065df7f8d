-- A constraint of a table, {type} of what type it is. MariaDB.
IF(EXISTS(SELECT 1
    FROM information_schema.table_constraints
    WHERE table_schema = {schema} AND table_name = {table} AND constraint_name = {name}{type}),
    (SELECT {row: (SELECT {rows: constraint_type :rows}
        FROM information_schema.table_constraints
        WHERE table_schema = {schema} AND table_name = {table} AND constraint_name = {name}),
        (SELECT {rows: column_name, ordinal_position, referenced_table_schema, referenced_table_name,
            referenced_column_name :rows}
        FROM information_schema.key_column_usage
        WHERE table_schema = {schema} AND table_name = {table} AND constraint_name = {name}),
        (SELECT {rows: match_option, update_rule, delete_rule :rows}
        FROM information_schema.referential_constraints
        WHERE constraint_schema = {schema} AND table_name = {table} AND constraint_name = {name}),
        (SELECT {rows: check_clause :rows}
        FROM information_schema.check_constraints
        WHERE constraint_schema = {schema} AND table_name = {table} AND constraint_name = {name}
            AND level = 'Table') :row}), 'absent')
