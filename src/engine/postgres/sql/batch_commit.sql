-- Before the COMMIT of an item: whether that waits for the disk ({disk}; null: as the session began). A division by zero unless the texts
-- of its row were read as they were sent.
SELECT pg_catalog.set_config('synchronous_commit', {disk}, true),
       1 OPERATOR(pg_catalog./)
       CASE WHEN pg_catalog.current_setting('client_encoding') OPERATOR(pg_catalog.=) 'UTF8' THEN 1 ELSE 0 END
