-- No condition {held}: where begin() is the lock it says nothing, and VALUES is prepared in half the time of a SELECT. SQLite does
-- that again after each migration that changes the schema.
INSERT INTO {table} (version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at,
                     finished_at, duration_ms, applied_by, run_id, tool, error, down)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {fingerprint}, $10, $11, $12, $13, $14, $15, $16, $17)
