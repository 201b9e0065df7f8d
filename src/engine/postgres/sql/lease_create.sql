CREATE TABLE IF NOT EXISTS {lease} (
    id pg_catalog.int2 PRIMARY KEY,
    token bigint NOT NULL,
    owner pg_catalog.text,
    who pg_catalog.text,
    session pg_catalog.text,
    taken_at timestamp with time zone,
    expires_at timestamp with time zone,
    writes bigint NOT NULL DEFAULT 0
)
