-- Also when it is over: whom nobody took it from goes on. In a transaction that began to read before the row was prolonged
-- elsewhere, MariaDB's snapshot isolation would refuse to write it, and undo that transaction. What counts here is the row as it
-- is now.
/*M!110402 SET STATEMENT innodb_snapshot_isolation = OFF FOR */
UPDATE {lease}
SET `writes` = `writes` + 1,
    `expires_at` = SYSDATE(6) - INTERVAL TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), NOW(6)) MICROSECOND
        + INTERVAL 1000 * CAST($3 AS SIGNED) MICROSECOND
WHERE `id` = 1 AND `token` = CAST($1 AS SIGNED) AND `owner` = $2
