-- The row that this item inserted. No row, since it or the lock is gone, is a number out of range.
UPDATE {table} SET `done` = $2, `fingerprint` = {fingerprint} WHERE `id` = @godwit_row AND {held};
SET @godwit_hit = EXP(IF(ROW_COUNT() = 1, 0, 1000))
