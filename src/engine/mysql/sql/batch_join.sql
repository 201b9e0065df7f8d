-- batch_end and the batch_insert of the item behind it in one statement: half the parsing, and one commit instead of two. The row that is completed
-- is the one that this session inserted last. Changing it counts as two rows and the new one as a third; were it gone, it would be
-- inserted again, and the count says so; were it another's (an id that the session did not mean), that is a number out of range.
INSERT INTO {table} (`id`, `version`, `name`, `kind`, `direction`, `state`, `checksum`, `statements`, `done`, `fingerprint`,
    `started_at`, `finished_at`, `duration_ms`, `applied_by`, `run_id`, `tool`, `error`, `down`)
VALUES (IF(EXP(IF({held}, 0, 1000)) = 1, LAST_INSERT_ID(), NULL), $8, $9, $10, $11, $2, $13, $14, $3, $4,
    UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 0, $20, $21, $22, $7, $24),
    (NULL, $25, $26, $27, $28, $29, $30, $31, $32, {fingerprint},
    UTC_TIMESTAMP(3), NULL, NULL, $37, $38, $39, $40, $41)
ON DUPLICATE KEY UPDATE `state` = IF(`run_id` <=> $21 AND `version` = $8, $2, EXP(1000)), `done` = $3, `fingerprint` = $4, `finished_at` = UTC_TIMESTAMP(3),
    `duration_ms` = TIMESTAMPDIFF(MICROSECOND, `started_at`, UTC_TIMESTAMP(3)) DIV 1000, `error` = $7
