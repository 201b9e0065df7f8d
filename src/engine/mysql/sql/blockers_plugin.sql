-- Who holds a metadata lock, where MariaDB's plugin metadata_lock_info is installed. It does not tell what the session waits
-- for: one of the tables that its statement mentions.
SELECT h.id, h.user, h.host,
    DATE_FORMAT(COALESCE(CONVERT_TZ(t.trx_started, 'SYSTEM', '+00:00'), UTC_TIMESTAMP() - INTERVAL h.time SECOND),
        '%Y-%m-%d %H:%i:%s'),
    IF(h.command = 'Sleep', NULL, h.info), 1
FROM information_schema.processlist w
JOIN information_schema.metadata_lock_info g ON g.thread_id <> w.id AND g.lock_type = 'Table metadata lock'
JOIN information_schema.processlist h ON h.id = g.thread_id
LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = h.id
WHERE w.id = $1 AND w.state LIKE 'Waiting for %metadata lock' AND w.info REGEXP
    CONCAT('(^|[^[:alnum:]_$])', CHAR(92), 'Q', g.table_name, CHAR(92), 'E([^[:alnum:]_$]|$)')
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1
