-- Before the COMMIT of an item: whether that waits for the disk ($1, null: as the session began). A division by zero when the item did to
-- the session what the reset between two items does not undo: $2 authorization and $3 role that it began with.
SELECT pg_catalog.set_config('synchronous_commit', $1, true),
       1 OPERATOR(pg_catalog./)
       CASE WHEN pg_catalog.current_setting('session_authorization') OPERATOR(pg_catalog.=) $2::pg_catalog.text
             AND pg_catalog.current_setting('role') OPERATOR(pg_catalog.=) $3::pg_catalog.text
             AND pg_catalog.current_setting('client_encoding') OPERATOR(pg_catalog.=) 'UTF8'
            THEN 1 ELSE 0 END
