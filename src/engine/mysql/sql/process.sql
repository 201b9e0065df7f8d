-- One session: its number, user, host, since when it is in its state (UTC), and what it runs.
SELECT id, user, host, DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL time SECOND, '%Y-%m-%d %H:%i:%s'),
    IF(command = 'Sleep', NULL, info)
FROM information_schema.processlist
WHERE id = $1
