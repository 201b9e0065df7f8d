SELECT down FROM {table} WHERE id OPERATOR(pg_catalog.=) $1::pg_catalog.int8
