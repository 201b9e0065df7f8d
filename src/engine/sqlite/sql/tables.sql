-- What other tools may have left. {schema}: the file itself, or one beside it that is attached.
SELECT '{schema}', t.name, lower(c.name), CASE '{schema}' WHEN 'main' THEN '1' END
  FROM {schema}.sqlite_master t, pragma_table_info(t.name, '{schema}') c
 WHERE t.type = 'table' AND lower(t.name) IN ({names})
 ORDER BY t.name, c.cid
