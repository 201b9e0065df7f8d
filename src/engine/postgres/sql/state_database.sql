SELECT (pg_catalog.to_jsonb(d) OPERATOR(pg_catalog.-) '{datfrozenxid,datminmxid}'::pg_catalog.text[])::pg_catalog.text
FROM pg_catalog.pg_database d WHERE d.oid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(s)::pg_catalog.text
FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(w)::pg_catalog.text
FROM pg_catalog.pg_shdescription w
WHERE w.objoid OPERATOR(pg_catalog.=) o.oid AND w.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass
