-- First a row without a name: whether there is a table of leases, and (see history_list.sql) what the server says of its answer. Then the columns of the history, by the catalog: works without the
-- schema, and without any privilege on the table. Tables of that name in other schemas answer too, with the schema in the second
-- column: the schema that bare names lead to may have changed since.
SELECT ''::pg_catalog.text,
       CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_class l
                         JOIN pg_catalog.pg_namespace o ON o.oid OPERATOR(pg_catalog.=) l.relnamespace
                         WHERE o.nspname OPERATOR(pg_catalog.=) {schema_text} AND l.relname OPERATOR(pg_catalog.=) {lease_text})
            THEN '1'::pg_catalog.text END,
       ''::pg_catalog.text,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'recovers'::pg_catalog.text END,
       0::pg_catalog.int2
UNION ALL
SELECT pg_catalog.lower(a.attname::pg_catalog.text),
       CASE WHEN n.nspname OPERATOR(pg_catalog.<>) {schema_text} THEN n.nspname::pg_catalog.text END,
       n.nspname::pg_catalog.text, NULL::pg_catalog.text, a.attnum
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class t ON t.oid OPERATOR(pg_catalog.=) a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace
WHERE NOT pg_catalog.pg_is_other_temp_schema(n.oid)
  AND t.relname OPERATOR(pg_catalog.=) {table_text}
  AND t.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::pg_catalog."char"[])
  AND a.attnum OPERATOR(pg_catalog.>) 0
  AND NOT a.attisdropped
ORDER BY 3, 5
