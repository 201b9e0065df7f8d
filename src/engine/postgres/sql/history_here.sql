-- Does the bare name lead to the schema that we write to?
SELECT pg_catalog.to_regclass(pg_catalog.quote_ident({table_text}))
       OPERATOR(pg_catalog.=)
       pg_catalog.to_regclass(pg_catalog.concat(pg_catalog.quote_ident({schema_text}), '.', pg_catalog.quote_ident({table_text})))
