-- No row when there is no such table. The schema is main, or the name of an attached database.
SELECT lower(name)
  FROM pragma_table_info({table_text}, {schema_text})
