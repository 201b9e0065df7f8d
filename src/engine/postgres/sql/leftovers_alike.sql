-- {which}: like the one index of the temporary table {name}, in name and in nature: what the server made of the same words.
EXISTS (SELECT
        FROM pg_catalog.pg_class x
        JOIN pg_catalog.pg_index xi ON xi.indrelid OPERATOR(pg_catalog.=) x.oid
        JOIN pg_catalog.pg_class xc ON xc.oid OPERATOR(pg_catalog.=) xi.indexrelid
        CROSS JOIN LATERAL pg_catalog.regexp_replace(c.relname::pg_catalog.text, '_idx[0-9]*$', '') AS m (stem)
        CROSS JOIN LATERAL pg_catalog.regexp_replace(xc.relname::pg_catalog.text, '_idx[0-9]*$', '') AS w (stem)
        WHERE x.relname OPERATOR(pg_catalog.=) {name}
          AND x.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
          AND i.indrelid OPERATOR(pg_catalog.=) {on}::pg_catalog.oid
          AND pg_catalog.strpos(w.stem, m.stem) OPERATOR(pg_catalog.=) 1
          AND (m.stem OPERATOR(pg_catalog.=) w.stem
               OR pg_catalog.octet_length(c.relname::pg_catalog.text) OPERATOR(pg_catalog.>) 59)
          AND c.relam OPERATOR(pg_catalog.=) xc.relam
          AND coalesce(c.reloptions::pg_catalog.text, '') OPERATOR(pg_catalog.=) coalesce(xc.reloptions::pg_catalog.text, '')
          AND (pg_catalog.to_jsonb(i) OPERATOR(pg_catalog.-) {own}) OPERATOR(pg_catalog.=)
              (pg_catalog.to_jsonb(xi) OPERATOR(pg_catalog.-) {own})
          AND (SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k.n, false), ',' ORDER BY k.n)
               FROM pg_catalog.generate_series(1, i.indnatts::integer) AS k (n)) OPERATOR(pg_catalog.=)
              (SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(xi.indexrelid, k.n, false), ',' ORDER BY k.n)
               FROM pg_catalog.generate_series(1, xi.indnatts::integer) AS k (n))
          AND coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') OPERATOR(pg_catalog.=)
              coalesce(pg_catalog.pg_get_expr(xi.indpred, xi.indrelid), ''))
