-- By the server's clock. A lock that is not held is a number out of range, which is an error in every sql_mode. An item without a row that says
-- "running" began at @godwit_began. @godwit_now is the time where the migration may have stopped the clock of its session, else NULL.
INSERT INTO {table} (`version`, `name`, `kind`, `direction`, `state`, `checksum`, `statements`, `done`, `fingerprint`,
    `started_at`, `finished_at`, `duration_ms`,
    `applied_by`, `run_id`, `tool`, `error`, `down`)
VALUES (IF(EXP(IF({held}, 0, 1000)) = 1, $1, ''), $2, $3, $4, $5, $6, $7, $8, {fingerprint},
    IF($5 = 'running', UTC_TIMESTAMP(3), @godwit_began),
    IF($5 = 'running', NULL, COALESCE(@godwit_now, UTC_TIMESTAMP(3))),
    IF($5 = 'running', NULL, TIMESTAMPDIFF(MICROSECOND, @godwit_began, COALESCE(@godwit_now, UTC_TIMESTAMP(3))) DIV 1000),
    $13, $14, $15, $16, $17)
