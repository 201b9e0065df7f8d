-- The id comes back with the row: that takes no privilege on the sequence, and no trigger can disturb it.
INSERT INTO {table} (version, name, kind, direction, state, checksum, statements, done, fingerprint,
                     started_at, finished_at, duration_ms, applied_by, run_id, tool, error, down)
SELECT $1, $2, $3, $4, $5, $6, $7::bigint, $8::bigint, {fingerprint},
       $10::timestamp AT TIME ZONE 'UTC', $11::timestamp AT TIME ZONE 'UTC', $12::bigint, $13, $14, $15, $16, $17
WHERE {held}
RETURNING id
