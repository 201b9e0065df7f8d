-- The row of an item that leaves nothing, in a history that is plain (batch_seal.sql), and what else goes before its COMMIT: that this
-- does not wait for the disk. A division by zero when the lock is not held, or when there has been a trigger on DDL meanwhile.
-- Otherwise as batch_insert.sql.
INSERT INTO {table} (version, name, kind, direction, state, checksum, statements, done, fingerprint,
                     started_at, finished_at, duration_ms, applied_by, run_id, tool, error, down)
VALUES ($1, $2, $3, $4, $5, $6, $7::bigint, $8::bigint, {fingerprint},
        pg_catalog.transaction_timestamp(),
        pg_catalog.clock_timestamp(),
        (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.transaction_timestamp())
         OPERATOR(pg_catalog.*) 1000::double precision)::bigint OPERATOR(pg_catalog./) CASE WHEN {held} THEN 1 ELSE 0 END,
        $13, $14, $15, $16, $17)
RETURNING duration_ms,
          pg_catalog.set_config('synchronous_commit', 'off', true),
          1 OPERATOR(pg_catalog./) CASE WHEN pg_catalog.pg_relation_size('pg_catalog.pg_event_trigger'::pg_catalog.regclass)
                                             OPERATOR(pg_catalog.=) 0 THEN 1 ELSE 0 END,
          ($10::pg_catalog.text, $11::pg_catalog.text, $12::pg_catalog.text) IS NULL
