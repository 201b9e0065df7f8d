-- The row that this item inserted, by the server's clock; see batch_insert and batch_mark.
SET @godwit_now = UTC_TIMESTAMP(3) + INTERVAL (UNIX_TIMESTAMP(SYSDATE(3)) - UNIX_TIMESTAMP(NOW(3))) SECOND;
UPDATE {table}
SET `state` = $2, `done` = $3, `fingerprint` = {fingerprint}, `finished_at` = @godwit_now,
    `duration_ms` = TIMESTAMPDIFF(MICROSECOND, `started_at`, @godwit_now) DIV 1000, `error` = $7
WHERE `id` = @godwit_row AND {held};
SET @godwit_hit = EXP(IF(ROW_COUNT() = 1, 0, 1000))
