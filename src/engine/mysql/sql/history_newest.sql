SELECT `id`, `version`, `name`, `kind`, `direction`, `state`, `checksum`, `statements`, `done`, `fingerprint`,
    LEFT(DATE_FORMAT(`started_at`, '%Y-%m-%d %H:%i:%s.%f'), 23), LEFT(DATE_FORMAT(`finished_at`, '%Y-%m-%d %H:%i:%s.%f'), 23),
    `duration_ms`, `applied_by`, `run_id`, `tool`, `error`, `down`
FROM {table}
WHERE `version` = $1
ORDER BY `id` DESC
LIMIT 1
