-- The partition {child} of {parent} that is half detached: both names.
SELECT pg_catalog.format('%I.%I', pn.nspname, p.relname), pg_catalog.format('%I.%I', cn.nspname, c.relname)
FROM pg_catalog.pg_inherits h
JOIN pg_catalog.pg_class p ON p.oid OPERATOR(pg_catalog.=) h.inhparent
JOIN pg_catalog.pg_namespace pn ON pn.oid OPERATOR(pg_catalog.=) p.relnamespace
JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) h.inhrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE h.inhparent OPERATOR(pg_catalog.=) {parent} AND h.inhrelid OPERATOR(pg_catalog.=) {child} AND h.inhdetachpending
