-- Who else holds another tool's advisory lock $1, if anybody.
SELECT pg_catalog.concat(s.usename, ', pid ', l.pid, ', ' || nullif(s.application_name, ''))
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
