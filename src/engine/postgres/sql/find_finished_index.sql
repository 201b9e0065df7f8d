-- As find_index, but one that is INVALID counts as not there yet: what creates it is not finished.
SELECT c.oid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_index i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid
WHERE c.relname OPERATOR(pg_catalog.=) {name} AND i.indrelid OPERATOR(pg_catalog.=) {on} AND i.indisvalid
