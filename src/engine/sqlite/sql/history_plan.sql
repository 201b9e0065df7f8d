SELECT id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at, NULL,
       duration_ms, applied_by, run_id, tool, CASE WHEN state IN ('failed', 'running') THEN error END,
       CASE WHEN down IS NOT NULL THEN '' END
  FROM {table}
 ORDER BY id
