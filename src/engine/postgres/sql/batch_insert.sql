-- By the server's clock. A lock that is not held is a division by zero, and so is a row that was not inserted: a trigger can see to that.
-- Of the client's times ($10 to $12) only the types are read.
WITH inserted AS (
INSERT INTO {table} (version, name, kind, direction, state, checksum, statements, done, fingerprint,
                     started_at, finished_at, duration_ms, applied_by, run_id, tool, error, down)
SELECT $1, $2, $3, $4, $5::pg_catalog.text, $6, $7::bigint, $8::bigint, {fingerprint},
       pg_catalog.transaction_timestamp(),
       CASE WHEN $5::pg_catalog.text OPERATOR(pg_catalog.<>) 'running' THEN pg_catalog.clock_timestamp() END,
       CASE WHEN $5::pg_catalog.text OPERATOR(pg_catalog.<>) 'running'
            THEN (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()
                                                OPERATOR(pg_catalog.-) pg_catalog.transaction_timestamp())
                  OPERATOR(pg_catalog.*) 1000::double precision)::bigint END,
       $13, $14, $15, $16, $17
FROM (SELECT $10::pg_catalog.text, $11::pg_catalog.text, $12::pg_catalog.text) AS unread
WHERE (1 OPERATOR(pg_catalog./) CASE WHEN {held} THEN 1 ELSE 0 END) OPERATOR(pg_catalog.=) 1
RETURNING duration_ms
)
SELECT pg_catalog.max(i.duration_ms), 1::bigint OPERATOR(pg_catalog./) pg_catalog.count(*) FROM inserted i
