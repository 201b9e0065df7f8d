-- "3/42": the session's place, and how many transactions were begun there. Every transaction of a session holds such a lock.
SELECT pg_catalog.split_part(l.virtualtransaction, '/', 2)
FROM pg_catalog.pg_locks l
WHERE l.locktype OPERATOR(pg_catalog.=) 'virtualxid'
  AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
