SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity s WHERE s.pid OPERATOR(pg_catalog.=) $1::integer)
