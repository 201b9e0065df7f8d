-- What the server is, asked once at connect.
SELECT pg_catalog.current_setting('server_version'),
       pg_catalog.version(),
       pg_catalog.current_database(),
       coalesce(pg_catalog.current_schema(), 'public'),
       current_user,
       pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only')::boolean,
       NOT pg_catalog.current_setting('standard_conforming_strings')::boolean;
