-- The relation that a name as written leads to: {name} in the first of the schemas {path} that has it.
SELECT c.oid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relname OPERATOR(pg_catalog.=) {name}
  AND n.nspname OPERATOR(pg_catalog.=) ANY ({path})
ORDER BY pg_catalog.array_position({path}, n.nspname)
LIMIT 1
