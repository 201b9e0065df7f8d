-- Who holds a row lock that the session waits for. MariaDB.
SELECT DISTINCT h.id, h.user, h.host,
    DATE_FORMAT(CONVERT_TZ(b.trx_started, 'SYSTEM', '+00:00'), '%Y-%m-%d %H:%i:%s'),
    IF(h.command = 'Sleep', NULL, h.info), 0
FROM information_schema.innodb_trx w
JOIN information_schema.innodb_lock_waits d ON d.requesting_trx_id = w.trx_id
JOIN information_schema.innodb_trx b ON b.trx_id = d.blocking_trx_id
JOIN information_schema.processlist h ON h.id = b.trx_mysql_thread_id
WHERE w.trx_mysql_thread_id = $1
ORDER BY 1
