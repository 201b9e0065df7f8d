-- Who holds a metadata lock that keeps the session from one: by performance_schema, where it watches them (MySQL always,
-- MariaDB when somebody turned it on). Columns of every text: connection, user, host, since when (UTC), what it runs or ran
-- last, whether that is a guess.
SELECT DISTINCT h.processlist_id, h.processlist_user, h.processlist_host,
    DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL COALESCE(ROUND(x.timer_wait / 1000000000000), h.processlist_time) SECOND, '%Y-%m-%d %H:%i:%s'),
    COALESCE(h.processlist_info, s.sql_text), 0
FROM performance_schema.threads w
JOIN performance_schema.metadata_locks p ON p.owner_thread_id = w.thread_id AND p.lock_status = 'PENDING'
JOIN performance_schema.metadata_locks g ON g.object_type = p.object_type AND g.object_schema <=> p.object_schema
    AND g.object_name <=> p.object_name AND g.owner_thread_id <> p.owner_thread_id AND g.lock_status = 'GRANTED'
JOIN performance_schema.threads h ON h.thread_id = g.owner_thread_id AND h.processlist_id IS NOT NULL
LEFT JOIN performance_schema.events_transactions_current x ON x.thread_id = h.thread_id AND x.state = 'ACTIVE'
LEFT JOIN performance_schema.events_statements_current s ON s.thread_id = h.thread_id AND s.nesting_event_level = 0
WHERE w.processlist_id = $1 AND CASE p.lock_type
    WHEN 'INTENTION_EXCLUSIVE' THEN g.lock_type <> 'INTENTION_EXCLUSIVE'
    WHEN 'SHARED_READ' THEN g.lock_type IN ('SHARED_NO_READ_WRITE', 'EXCLUSIVE')
    WHEN 'SHARED_WRITE' THEN g.lock_type IN ('SHARED_READ_ONLY', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE')
    WHEN 'SHARED_UPGRADABLE' THEN g.lock_type IN ('SHARED_UPGRADABLE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE')
    ELSE TRUE END
ORDER BY 1
