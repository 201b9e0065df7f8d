SELECT id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at,
       CASE WHEN state = 'deferred' AND finished_at IS NOT NULL THEN '' END, duration_ms, applied_by, run_id,
       tool, CASE WHEN state IN ('failed', 'running', 'deferred') THEN error END,
       CASE WHEN down IS NOT NULL THEN '' END
  FROM {table}
 ORDER BY id
