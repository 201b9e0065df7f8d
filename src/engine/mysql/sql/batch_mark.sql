-- The row that this item inserted.
UPDATE {table} SET `done` = $2, `fingerprint` = {fingerprint} WHERE `id` = @godwit_row AND {held}
