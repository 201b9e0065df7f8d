-- Never waits: a row that its owner has locked, in the transaction that he commits just now, is not free.
UPDATE {lease}
SET token = token OPERATOR(pg_catalog.+) 1::bigint, owner = $2, who = $3, session = $4,
    writes = writes OPERATOR(pg_catalog.+) 1::bigint,
    taken_at = pg_catalog.clock_timestamp(),
    expires_at = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+)
                 ($5::bigint OPERATOR(pg_catalog.*) '1 millisecond'::interval)
WHERE token OPERATOR(pg_catalog.=) $1::bigint
  AND id OPERATOR(pg_catalog.=)
      (SELECT l.id FROM {lease} l
       WHERE l.id OPERATOR(pg_catalog.=) 1::pg_catalog.int2 AND l.token OPERATOR(pg_catalog.=) $1::bigint
         AND (l.owner IS NULL OR (l.expires_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()
                                  AND l.writes OPERATOR(pg_catalog.=) $6::bigint))
       FOR UPDATE SKIP LOCKED)
