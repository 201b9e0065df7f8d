-- Is there an index of that name? MySQL: this view has every index, and is the cheapest of those that know.
IF(EXISTS(SELECT 1 FROM information_schema.table_constraints_extensions
    WHERE constraint_schema = {schema} AND table_name = {table} AND constraint_name = {name}), 'there', 'absent')
