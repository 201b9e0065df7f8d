-- Behind a pooler: what reset.sql does, in a session that others use too. The pooler's own prepared statements, which came by the
-- protocol, are left alone.
RESET SESSION AUTHORIZATION;
RESET ROLE;
RESET ALL;
CLOSE ALL;
UNLISTEN *;
DISCARD SEQUENCES;
DISCARD TEMP;
