-- Whom the session $1 waits for: who, since when, what it runs or ran last. Prepared transactions have no session: they are those
-- that hold a lock on what is waited for.
SELECT {who},
       pg_catalog.to_char(s.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       CASE WHEN s.state IS NOT NULL THEN s.query END
FROM (SELECT DISTINCT b.pid
      FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::integer)) AS b (pid)
      WHERE b.pid OPERATOR(pg_catalog.<>) 0) AS b
LEFT JOIN pg_catalog.pg_stat_activity s ON s.pid OPERATOR(pg_catalog.=) b.pid
UNION ALL
SELECT DISTINCT pg_catalog.concat(p.owner, ', prepared transaction ', pg_catalog.quote_literal(p.gid)),
       pg_catalog.to_char(p.prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       NULL::pg_catalog.text
FROM pg_catalog.pg_locks w
JOIN pg_catalog.pg_locks h
  ON h.locktype OPERATOR(pg_catalog.=) w.locktype
 AND h.pid IS NULL AND h.granted
 AND pg_catalog.concat_ws(',', h.database, h.relation, h.page, h.tuple, h.virtualxid, h.transactionid, h.classid, h.objid, h.objsubid)
     OPERATOR(pg_catalog.=)
     pg_catalog.concat_ws(',', w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid, w.objid, w.objsubid)
JOIN pg_catalog.pg_locks x
  ON x.virtualtransaction OPERATOR(pg_catalog.=) h.virtualtransaction
 AND x.pid IS NULL AND x.granted AND x.locktype OPERATOR(pg_catalog.=) 'transactionid'
JOIN pg_catalog.pg_prepared_xacts p ON p.transaction OPERATOR(pg_catalog.=) x.transactionid
WHERE w.pid OPERATOR(pg_catalog.=) $1::integer AND NOT w.granted
  AND 0 OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids($1::integer))
