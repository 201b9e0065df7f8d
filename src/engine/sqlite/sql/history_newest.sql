SELECT id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at, finished_at,
       duration_ms, applied_by, run_id, tool, error, down
  FROM {table}
 WHERE version = $1
 ORDER BY id DESC
 LIMIT 1
