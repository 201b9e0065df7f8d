-- The clock is SYSDATE in UTC: it goes on while a statement waits, and no SET timestamp stops it. What the owner runs is told
-- when its session is one of this server, and still the same server. A session of before the server's start has ended: numbers begin
-- again with it.
SELECT l.token, l.owner, l.who,
    IF(TIMESTAMPDIFF(SECOND, l.taken_at,
            SYSDATE(6) - INTERVAL TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), NOW(6)) MICROSECOND) > 1 + (SELECT
        /*M!100000 (SELECT u.variable_value FROM information_schema.global_status u WHERE u.variable_name = 'UPTIME') */
        /*!80000 (SELECT u.variable_value FROM performance_schema.global_status u WHERE u.variable_name = 'Uptime') */),
        NULL, l.session),
    LEFT(DATE_FORMAT(l.taken_at, '%Y-%m-%d %H:%i:%s.%f'), 23),
    l.writes,
    IF(l.owner IS NULL, 0, CEIL(TIMESTAMPDIFF(MICROSECOND,
        SYSDATE(6) - INTERVAL TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), NOW(6)) MICROSECOND, l.expires_at) / 1000)),
    (SELECT IF(p.command = 'Sleep', NULL, p.info)
    FROM information_schema.processlist p
    WHERE l.owner IS NOT NULL AND p.id = SUBSTRING_INDEX(l.session, ' ', -1)
        AND l.session = CONCAT(CONCAT_WS(':', @@hostname, @@port, @@server_id, @@datadir), ' ', p.id))
FROM {lease} l
WHERE l.id = 1
