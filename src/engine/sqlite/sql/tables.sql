-- What other tools may have left.
SELECT 'main', t.name, lower(c.name), '1'
  FROM main.sqlite_master t, pragma_table_info(t.name, 'main') c
 WHERE t.type = 'table' AND lower(t.name) IN ({names})
 ORDER BY t.name, c.cid
