UPDATE {table} SET done = $2, fingerprint = $3 WHERE id OPERATOR(pg_catalog.=) $1::bigint AND {held}
