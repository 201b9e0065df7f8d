SELECT pg_catalog.pg_terminate_backend(s.pid)
FROM pg_catalog.pg_stat_activity s
WHERE s.datname OPERATOR(pg_catalog.=) $1::pg_catalog.name
  AND s.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
