-- INVALID indexes, {which}: number, name, who may be building it or dropping it, number of the table, and the name with the number.
-- Who builds one concurrently holds a lock on the table, which keeps others out, until shortly before he commits that it is finished;
-- then the row is being changed by him. The server's own housekeeping makes way.
SELECT i.indexrelid,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       (SELECT CASE WHEN l.pid IS NULL THEN 'a prepared transaction' ELSE {who} END
        FROM pg_catalog.pg_locks l
        LEFT JOIN pg_catalog.pg_stat_activity s ON s.pid OPERATOR(pg_catalog.=) l.pid
        WHERE l.granted
          AND (l.locktype OPERATOR(pg_catalog.=) 'relation'
               AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database d
                                                      WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
               AND l.relation OPERATOR(pg_catalog.=) i.indrelid
               AND l.mode OPERATOR(pg_catalog.=) ANY ('{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'::pg_catalog.text[])
               OR l.transactionid OPERATOR(pg_catalog.=) i.xmax)
          AND (l.pid IS NULL OR l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid())
          AND (s.pid IS NULL OR s.usesysid IS NOT NULL)
        LIMIT 1),
       i.indrelid,
       pg_catalog.format('%I.%I', n.nspname, pg_catalog.concat('{aside}', i.indexrelid)),
       c.relname::pg_catalog.text OPERATOR(pg_catalog.=) pg_catalog.concat('{aside}', i.indexrelid)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE NOT i.indisvalid
  AND c.relkind OPERATOR(pg_catalog.=) 'i'
  AND NOT c.relispartition
  AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
  AND {which}
ORDER BY i.indexrelid
