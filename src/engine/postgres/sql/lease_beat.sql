-- Also when it is over: whom nobody took it from goes on.
UPDATE {lease}
SET writes = writes OPERATOR(pg_catalog.+) 1::bigint,
    expires_at = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+)
                 ($3::bigint OPERATOR(pg_catalog.*) '1 millisecond'::interval)
WHERE id OPERATOR(pg_catalog.=) 1::pg_catalog.int2 AND token OPERATOR(pg_catalog.=) $1::bigint
  AND owner OPERATOR(pg_catalog.=) $2::pg_catalog.text
