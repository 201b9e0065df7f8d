-- Is there an index of that name? MariaDB.
IF(EXISTS(SELECT 1 FROM information_schema.statistics
    WHERE table_schema = {schema} AND table_name = {table} AND index_name = {name}), 'there', 'absent')
