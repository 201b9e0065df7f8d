-- Is there a table or view of that name? MySQL: of the views that know, this one is the cheapest.
IF(EXISTS(SELECT 1 FROM information_schema.tables_extensions WHERE table_schema = {schema} AND table_name = {name}), 'there', 'absent')
