-- All indexes of a table. MySQL.
(SELECT IF(COUNT(*) = 0, 'absent', {rows: index_name, seq_in_index, non_unique, column_name, expression, collation,
    sub_part, index_type, index_comment, is_visible :rows})
FROM information_schema.statistics
WHERE table_schema = {schema} AND table_name = {table})
