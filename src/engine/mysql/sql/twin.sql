-- Who else runs just the statement $1 now.
SELECT id, user, host, DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL time SECOND, '%Y-%m-%d %H:%i:%s'), info
FROM information_schema.processlist
WHERE id <> CONNECTION_ID() AND db <=> DATABASE() AND command <> 'Sleep' AND info = $1
LIMIT 1
