UPDATE {lease} SET writes = writes OPERATOR(pg_catalog.+) 1::bigint,
    owner = NULL, who = NULL, session = NULL, taken_at = NULL, expires_at = NULL
WHERE id OPERATOR(pg_catalog.=) 1::pg_catalog.int2 AND token OPERATOR(pg_catalog.=) $1::bigint
  AND owner OPERATOR(pg_catalog.=) $2::pg_catalog.text
