SELECT pg_catalog.to_jsonb(p)::pg_catalog.text
FROM pg_catalog.pg_proc p WHERE p.oid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(g)::pg_catalog.text
FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid::pg_catalog.oid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(w)::pg_catalog.text
FROM pg_catalog.pg_description w
WHERE w.objoid OPERATOR(pg_catalog.=) o.oid AND w.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
