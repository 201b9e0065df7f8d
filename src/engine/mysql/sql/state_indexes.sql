-- All indexes of a table. MariaDB.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: index_name, seq_in_index, non_unique, column_name, collation, sub_part,
    index_type, index_comment, ignored :rows})
FROM information_schema.statistics
WHERE table_schema = {schema} AND table_name = {table})
