-- Who else runs just the statement $1 now; the server shows the beginning of a long one: that many bytes, to a whole character.
SELECT s.pid,
       {who},
       pg_catalog.to_char(s.query_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       s.query
FROM pg_catalog.pg_stat_activity s
WHERE s.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
  AND s.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
  AND s.state OPERATOR(pg_catalog.=) 'active'
  AND (s.query OPERATOR(pg_catalog.=) $1::pg_catalog.text
       OR pg_catalog.left($1::pg_catalog.text, pg_catalog.length(s.query)) OPERATOR(pg_catalog.=) s.query
          AND pg_catalog.octet_length(s.query) OPERATOR(pg_catalog.>=) (SELECT t.setting::integer OPERATOR(pg_catalog.-) 4
                                                                        FROM pg_catalog.pg_settings t
                                                                        WHERE t.name OPERATOR(pg_catalog.=) 'track_activity_query_size'))
ORDER BY s.backend_start
LIMIT 1
