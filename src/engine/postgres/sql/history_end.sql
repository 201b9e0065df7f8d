UPDATE {table}
SET state = $2, done = $3, fingerprint = {fingerprint}, finished_at = $5::timestamp AT TIME ZONE 'UTC',
    duration_ms = $6, error = $7
WHERE id OPERATOR(pg_catalog.=) $1::bigint AND {held}
