-- What the definition of the relation o.oid consists of, a row each; nothing that data, statistics or
-- maintenance change: REINDEX CONCURRENTLY replaces an index by one of another number.
SELECT (pg_catalog.to_jsonb(c) OPERATOR(pg_catalog.-)
        '{oid,relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid,relfilenode,relrewrite,reltoastrelid,relhasindex,relhasrules,relhastriggers,relhassubclass,relispopulated}'::pg_catalog.text[]
       )::pg_catalog.text
FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT (pg_catalog.to_jsonb(a) OPERATOR(pg_catalog.-) '{attrelid,attmissingval,atthasmissing,attcacheoff}'::pg_catalog.text[])::pg_catalog.text
FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) o.oid AND a.attnum OPERATOR(pg_catalog.>) 0
UNION ALL
SELECT pg_catalog.to_jsonb(d)::pg_catalog.text
FROM pg_catalog.pg_attrdef d WHERE d.adrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT (pg_catalog.to_jsonb(k) OPERATOR(pg_catalog.-) 'conindid'::pg_catalog.text)::pg_catalog.text
FROM pg_catalog.pg_constraint k WHERE k.conrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.concat(pg_catalog.to_jsonb(i) OPERATOR(pg_catalog.-) '{indexrelid,indcheckxmin}'::pg_catalog.text[],
                         ic.relname, ic.reloptions, ic.reltablespace)
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid OPERATOR(pg_catalog.=) i.indexrelid
WHERE i.indrelid OPERATOR(pg_catalog.=) o.oid OR i.indexrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(t)::pg_catalog.text
FROM pg_catalog.pg_trigger t WHERE t.tgrelid OPERATOR(pg_catalog.=) o.oid AND NOT t.tgisinternal
UNION ALL
SELECT pg_catalog.to_jsonb(p)::pg_catalog.text
FROM pg_catalog.pg_policy p WHERE p.polrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(r)::pg_catalog.text
FROM pg_catalog.pg_rewrite r WHERE r.ev_class OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.concat(pg_catalog.to_jsonb(h) OPERATOR(pg_catalog.-) '{inhrelid,inhparent}'::pg_catalog.text[],
                         hc.relname, hc.relnamespace)
FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class hc ON hc.oid OPERATOR(pg_catalog.=) h.inhrelid
WHERE h.inhrelid OPERATOR(pg_catalog.=) o.oid OR h.inhparent OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(q)::pg_catalog.text
FROM pg_catalog.pg_partitioned_table q WHERE q.partrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(s)::pg_catalog.text
FROM pg_catalog.pg_sequence s WHERE s.seqrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(f)::pg_catalog.text
FROM pg_catalog.pg_foreign_table f WHERE f.ftrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT (pg_catalog.to_jsonb(x) OPERATOR(pg_catalog.-) '{stxndistinct,stxdependencies}'::pg_catalog.text[])::pg_catalog.text
FROM pg_catalog.pg_statistic_ext x WHERE x.stxrelid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT (pg_catalog.to_jsonb(w) OPERATOR(pg_catalog.-) 'objoid'::pg_catalog.text)::pg_catalog.text
FROM pg_catalog.pg_description w
WHERE w.objoid OPERATOR(pg_catalog.=) o.oid AND w.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
