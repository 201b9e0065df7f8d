UPDATE {table} SET `done` = $2, `fingerprint` = {fingerprint} WHERE `id` = $1 AND {held}
