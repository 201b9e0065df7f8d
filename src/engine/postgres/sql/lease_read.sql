-- The session is written "<server> <pid>". It is known to have ended when there is none of that number which was before the lease was
-- taken: numbers come again. Its query is told if it is here.
SELECT l.token, l.owner, l.who,
       CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_stat_activity b
                         WHERE b.pid::pg_catalog.text OPERATOR(pg_catalog.=) pg_catalog.substring(l.session, '[0-9]+$')
                           AND coalesce(b.backend_start OPERATOR(pg_catalog.<=) l.taken_at, true)) THEN l.session END,
       pg_catalog.to_char(l.taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       l.writes,
       CASE WHEN l.owner IS NULL THEN 0::bigint
            ELSE pg_catalog.ceil(pg_catalog.date_part('epoch', l.expires_at OPERATOR(pg_catalog.-) pg_catalog.clock_timestamp())
                                 OPERATOR(pg_catalog.*) 1000::double precision)::bigint END,
       (SELECT CASE WHEN s.state OPERATOR(pg_catalog.=) 'active' THEN s.query
                    WHEN pg_catalog.strpos(s.state, 'idle in transaction') OPERATOR(pg_catalog.=) 1
                    THEN pg_catalog.concat('(', s.state, ') ', s.query) END
        FROM pg_catalog.pg_stat_activity s
        WHERE s.pid::pg_catalog.text OPERATOR(pg_catalog.=) pg_catalog.substring(l.session, '[0-9]+$')
          AND s.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
          AND s.backend_start OPERATOR(pg_catalog.<=) l.taken_at
        LIMIT 1)
FROM {lease} l
WHERE l.id OPERATOR(pg_catalog.=) 1::pg_catalog.int2
