-- First a row without a name: there are no leases here. Then the columns of the history; none: there is no such table. The schema is
-- main, or the name of an attached database.
SELECT '', NULL, -1
UNION ALL
SELECT lower(name), NULL, cid
  FROM pragma_table_info({table_text}, {schema_text})
 ORDER BY 3
