INSERT INTO {table} (`version`, `name`, `kind`, `direction`, `state`, `checksum`, `statements`, `done`, `fingerprint`,
    `started_at`, `finished_at`, `duration_ms`, `applied_by`, `run_id`, `tool`, `error`, `down`)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, {fingerprint}, $10, $11, $12, $13, $14, $15, $16, $17
FROM DUAL
WHERE {held}
