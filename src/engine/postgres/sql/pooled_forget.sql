-- Behind a pooler: prepared statements that came as SQL.
DO $$
DECLARE
    statement pg_catalog.text;
BEGIN
    FOR statement IN SELECT p.name FROM pg_catalog.pg_prepared_statements p WHERE p.from_sql LOOP
        EXECUTE pg_catalog.format('DEALLOCATE %I', statement);
    END LOOP;
END
$$;
