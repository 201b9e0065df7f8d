-- Behind the row of an item: that it made the server carry out nobody's code, by triggers, rules, policies, checks, defaults, types, or
-- expressions in indexes. The row has locked the definition of its table, so that this is how it was.
EXISTS (SELECT FROM pg_catalog.pg_class t
        WHERE t.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(pg_catalog.concat(
                  pg_catalog.quote_ident({schema_text}), '.', pg_catalog.quote_ident({table_text})))
          AND t.relkind OPERATOR(pg_catalog.=) 'r'
          AND t.relchecks OPERATOR(pg_catalog.=) 0
          AND NOT (t.relhastriggers OR t.relhasrules OR t.relrowsecurity OR t.relispartition)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                          WHERE a.attrelid OPERATOR(pg_catalog.=) t.oid
                            AND (a.atthasdef OR a.atttypid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid))
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i
                          WHERE i.indrelid OPERATOR(pg_catalog.=) t.oid
                            AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
                                 OR 16384::pg_catalog.oid OPERATOR(pg_catalog.<=) ANY (i.indclass))))
