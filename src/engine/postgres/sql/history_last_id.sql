SELECT pg_catalog.current_setting('godwit.last_id')::bigint
