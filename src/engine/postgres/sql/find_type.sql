SELECT t.oid
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
WHERE t.typname OPERATOR(pg_catalog.=) {name}
  AND n.nspname OPERATOR(pg_catalog.=) ANY ({path})
ORDER BY pg_catalog.array_position({path}, n.nspname)
LIMIT 1
