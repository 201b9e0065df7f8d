UPDATE {table}
SET `state` = $2, `done` = $3, `fingerprint` = {fingerprint}, `finished_at` = $5, `duration_ms` = $6, `error` = $7
WHERE `id` = $1 AND {held}
