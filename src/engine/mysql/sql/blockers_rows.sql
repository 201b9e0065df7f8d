-- Who holds a row lock that the session waits for. MySQL.
SELECT DISTINCT h.processlist_id, h.processlist_user, h.processlist_host,
    DATE_FORMAT(CONVERT_TZ(t.trx_started, 'SYSTEM', '+00:00'), '%Y-%m-%d %H:%i:%s'),
    COALESCE(h.processlist_info, s.sql_text), 0
FROM performance_schema.threads w
JOIN performance_schema.data_lock_waits d ON d.requesting_thread_id = w.thread_id
JOIN performance_schema.threads h ON h.thread_id = d.blocking_thread_id
LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = h.processlist_id
LEFT JOIN performance_schema.events_statements_current s ON s.thread_id = h.thread_id AND s.nesting_event_level = 0
WHERE w.processlist_id = $1
ORDER BY 1
