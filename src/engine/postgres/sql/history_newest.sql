-- See history_list.sql.
SELECT h.id, h.version, h.name, h.kind, h.direction, h.state, h.checksum, h.statements, h.done, h.fingerprint,
       pg_catalog.to_char(h.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       pg_catalog.to_char(h.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       h.duration_ms, h.applied_by, h.run_id, h.tool, h.error, h.down,
       server.doubt
FROM (SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'recovers' END) AS server (doubt)
LEFT JOIN {table} AS h ON h.version OPERATOR(pg_catalog.=) $1::pg_catalog.text
ORDER BY h.id DESC
LIMIT 1
