-- Is there a table, view or sequence of that name? MariaDB.
IF(EXISTS(SELECT 1 FROM information_schema.tables WHERE table_schema = {schema} AND table_name = {name}), 'there', 'absent')
