-- Who holds the advisory lock $1: session, who, since when it is connected, what it runs.
-- An open transaction counts as running something, also between two statements.
SELECT l.pid,
       {who},
       pg_catalog.to_char(s.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       CASE WHEN s.state OPERATOR(pg_catalog.=) 'active' THEN s.query
            WHEN pg_catalog.strpos(s.state, 'idle in transaction') OPERATOR(pg_catalog.=) 1
            THEN pg_catalog.concat('(', s.state, ') ', s.query) END
FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_stat_activity s ON s.pid OPERATOR(pg_catalog.=) l.pid
WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'
  AND l.granted
  AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database d
                                         WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
  AND l.objsubid OPERATOR(pg_catalog.=) 1
  AND ((l.classid::bigint OPERATOR(pg_catalog.<<) 32) OPERATOR(pg_catalog.|) l.objid::bigint)
      OPERATOR(pg_catalog.=) $1::bigint
LIMIT 1
