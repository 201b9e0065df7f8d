SELECT pg_catalog.to_jsonb(t)::pg_catalog.text
FROM pg_catalog.pg_type t WHERE t.oid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(e)::pg_catalog.text
FROM pg_catalog.pg_enum e WHERE e.enumtypid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(k)::pg_catalog.text
FROM pg_catalog.pg_constraint k WHERE k.contypid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(r)::pg_catalog.text
FROM pg_catalog.pg_range r WHERE r.rngtypid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT (pg_catalog.to_jsonb(a) OPERATOR(pg_catalog.-) '{attmissingval,atthasmissing,attcacheoff}'::pg_catalog.text[])::pg_catalog.text
FROM pg_catalog.pg_type c JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.typrelid
WHERE c.oid OPERATOR(pg_catalog.=) o.oid AND a.attnum OPERATOR(pg_catalog.>) 0
UNION ALL
SELECT pg_catalog.to_jsonb(w)::pg_catalog.text
FROM pg_catalog.pg_description w
WHERE w.objoid OPERATOR(pg_catalog.=) o.oid AND w.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
