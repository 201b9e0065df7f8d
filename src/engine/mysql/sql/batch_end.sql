-- The row that this item inserted, by the server's clock.
UPDATE {table}
SET `state` = $2, `done` = $3, `fingerprint` = {fingerprint}, `finished_at` = @godwit_now,
    `duration_ms` = TIMESTAMPDIFF(MICROSECOND, `started_at`, @godwit_now) DIV 1000, `error` = $7
WHERE `id` = @godwit_row AND {held}
