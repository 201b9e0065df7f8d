-- {which}: what REINDEX … CONCURRENTLY of the tables {tables} made on them or on where they keep long values.
c.relname::pg_catalog.text OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
AND i.indrelid OPERATOR(pg_catalog.=) ANY (ARRAY(
        SELECT pg_catalog.unnest(ARRAY[t.oid, t.reltoastrelid])
        FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace o ON o.oid OPERATOR(pg_catalog.=) t.relnamespace
        WHERE {tables}))
