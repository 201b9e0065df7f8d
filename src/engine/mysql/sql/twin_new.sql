-- Who else runs just the statement $1 now: columns as in process.sql. Of a long one the server shows the beginning: so many bytes, to a
-- whole character.
SELECT id, user, host, DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL time SECOND, '%Y-%m-%d %H:%i:%s'), info
FROM performance_schema.processlist
WHERE id <> CONNECTION_ID() AND db <=> DATABASE() AND command <> 'Sleep'
    AND (info = $1 OR LENGTH(info) > @@performance_schema_max_sql_text_length - 4 AND info = LEFT($1, CHAR_LENGTH(info)))
LIMIT 1
