-- The session s for people. Of other users' sessions not everybody may know from where they come.
pg_catalog.concat(
    coalesce(s.usename::pg_catalog.text, 'unknown'),
    CASE WHEN s.client_addr IS NOT NULL THEN pg_catalog.concat('@', pg_catalog.host(s.client_addr))
         WHEN s.client_port OPERATOR(pg_catalog.<) 0 THEN '@[local]' END,
    ', pid ', {pid},
    CASE WHEN pg_catalog.length(s.application_name) OPERATOR(pg_catalog.>) 0
         THEN pg_catalog.concat(', ', s.application_name) END)
