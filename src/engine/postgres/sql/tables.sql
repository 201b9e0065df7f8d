-- What other tools may have left, wherever it is: their tables are often in a schema of their own.
SELECT n.nspname, t.relname, pg_catalog.lower(a.attname::pg_catalog.text),
       CASE WHEN n.nspname OPERATOR(pg_catalog.=) pg_catalog.current_schema() THEN '1'::pg_catalog.text END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class t ON t.oid OPERATOR(pg_catalog.=) a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace
WHERE pg_catalog.lower(t.relname::pg_catalog.text) OPERATOR(pg_catalog.=) ANY (ARRAY[{names}]::pg_catalog.text[])
  AND t.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::pg_catalog."char"[])
  AND a.attnum OPERATOR(pg_catalog.>) 0
  AND NOT a.attisdropped
ORDER BY n.nspname, t.relname, a.attnum
