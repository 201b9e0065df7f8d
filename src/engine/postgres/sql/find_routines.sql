-- All of that name, whatever their parameters.
SELECT p.oid
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
WHERE p.proname OPERATOR(pg_catalog.=) {name}
  AND n.nspname OPERATOR(pg_catalog.=) ANY ({path})
