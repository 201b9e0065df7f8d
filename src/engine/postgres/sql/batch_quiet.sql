-- Of a session as it began: a statement on definitions carries out no code but the server's own. There is no trigger on DDL, nor has there
-- been one since their catalog was last made smaller; and the names of the server's types mean these: they are searched first
-- unless the path names pg_catalog itself, and none is temporary.
(pg_catalog.pg_relation_size('pg_catalog.pg_event_trigger'::pg_catalog.regclass) OPERATOR(pg_catalog.=) 0
 AND pg_catalog.strpos(pg_catalog.lower(pg_catalog.current_setting('search_path')), 'pg_') OPERATOR(pg_catalog.=) 0)
