-- After it: as the user's statements left them. The order matters: another authorization takes the role back to none.
SELECT pg_catalog.set_config('session_authorization', pg_catalog.current_setting('godwit.authorization'), false),
       pg_catalog.set_config('role', pg_catalog.current_setting('godwit.role'), false),
       pg_catalog.set_config('client_encoding', pg_catalog.current_setting('godwit.encoding'), false);
