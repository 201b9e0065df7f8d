-- Who may hold a metadata lock, where nothing tells: the transactions that are older than the wait.
SELECT h.id, h.user, h.host, DATE_FORMAT(CONVERT_TZ(t.trx_started, 'SYSTEM', '+00:00'), '%Y-%m-%d %H:%i:%s'),
    IF(h.command = 'Sleep', NULL, h.info), 1
FROM information_schema.processlist w
JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id <> w.id
    AND CONVERT_TZ(t.trx_started, 'SYSTEM', '+00:00') <= UTC_TIMESTAMP() - INTERVAL w.time SECOND
JOIN information_schema.processlist h ON h.id = t.trx_mysql_thread_id
WHERE w.id = $1 AND w.state LIKE 'Waiting for %lock' AND (VERSION() LIKE '%MariaDB%' OR @@performance_schema = 0)
ORDER BY t.trx_started, 1
