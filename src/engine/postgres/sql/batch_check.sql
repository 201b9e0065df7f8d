-- Between two items, behind the COMMIT of the first: a division by zero when that did to the session what the reset does not undo,
-- or unless {sure}. Without parameters, so that it is planned once.
SELECT 1 OPERATOR(pg_catalog./)
       CASE WHEN pg_catalog.current_setting('session_authorization') OPERATOR(pg_catalog.=) {authorization}
             AND pg_catalog.current_setting('role') OPERATOR(pg_catalog.=) {role}
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements p WHERE p.from_sql)
             AND {sure}
            THEN 1 ELSE 0 END
