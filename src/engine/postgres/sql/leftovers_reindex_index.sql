-- {which}: what REINDEX INDEX CONCURRENTLY {oid} made beside that index, or beside its partitions. Long names were cut.
EXISTS (SELECT
        FROM (SELECT {oid} UNION SELECT t.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree({oid}) t) AS b (oid)
        JOIN pg_catalog.pg_class bc ON bc.oid OPERATOR(pg_catalog.=) b.oid
        JOIN pg_catalog.pg_index bi ON bi.indexrelid OPERATOR(pg_catalog.=) b.oid
        CROSS JOIN LATERAL pg_catalog.regexp_replace(c.relname::pg_catalog.text, '_cc(new|old)[0-9]*$', '') AS m (stem)
        WHERE bi.indrelid OPERATOR(pg_catalog.=) i.indrelid
          AND m.stem OPERATOR(pg_catalog.<>) c.relname::pg_catalog.text
          AND pg_catalog.strpos(bc.relname::pg_catalog.text, m.stem) OPERATOR(pg_catalog.=) 1
          AND (m.stem OPERATOR(pg_catalog.=) bc.relname::pg_catalog.text
               OR pg_catalog.octet_length(c.relname::pg_catalog.text) OPERATOR(pg_catalog.>) 59))
