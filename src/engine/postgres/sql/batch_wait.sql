-- Where that is not allowed: after three times this, the WAL writer has flushed every asynchronous commit (the manual, "Asynchronous Commit").
SELECT pg_catalog.pg_sleep(3::double precision OPERATOR(pg_catalog.*) s.setting::double precision
                           OPERATOR(pg_catalog./) 1000::double precision)
FROM pg_catalog.pg_settings s
WHERE s.name OPERATOR(pg_catalog.=) 'wal_writer_delay'
