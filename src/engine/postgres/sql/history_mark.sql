UPDATE {table} SET done = $2, fingerprint = {fingerprint} WHERE id OPERATOR(pg_catalog.=) $1::bigint AND {held}
