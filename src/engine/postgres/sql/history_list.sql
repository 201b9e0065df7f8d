SELECT id, version, name, kind, direction, state, checksum, statements, done, fingerprint,
       pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       duration_ms, applied_by, run_id, tool, error, down
FROM {table}
ORDER BY id
