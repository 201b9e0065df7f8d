-- By the server's clock, also where the migration has stopped that of its session. A lock that is not held is a number out of range,
-- which is an error in every sql_mode. @godwit_began is when the item began.
SET @godwit_now = UTC_TIMESTAMP(3) + INTERVAL (UNIX_TIMESTAMP(SYSDATE(3)) - UNIX_TIMESTAMP(NOW(3))) SECOND;
INSERT INTO {table} (`version`, `name`, `kind`, `direction`, `state`, `checksum`, `statements`, `done`, `fingerprint`,
    `started_at`, `finished_at`, `duration_ms`,
    `applied_by`, `run_id`, `tool`, `error`, `down`)
VALUES (IF(EXP(IF({held}, 0, 1000)) = 1, $1, ''), $2, $3, $4, $5, $6, $7, $8, {fingerprint},
    @godwit_began, IF($5 = 'running', NULL, @godwit_now),
    IF($5 = 'running', NULL, TIMESTAMPDIFF(MICROSECOND, @godwit_began, @godwit_now) DIV 1000),
    $13, $14, $15, $16, $17);
SET @godwit_row = LAST_INSERT_ID()
