-- Before a statement of godwit's own: put aside role and encoding that the user's statements left. See back.sql.
SELECT pg_catalog.set_config('godwit.authorization', pg_catalog.current_setting('session_authorization'), false),
       pg_catalog.set_config('godwit.role', pg_catalog.current_setting('role'), false),
       pg_catalog.set_config('godwit.encoding', pg_catalog.current_setting('client_encoding'), false);
RESET SESSION AUTHORIZATION;
RESET ROLE;
RESET client_encoding;
