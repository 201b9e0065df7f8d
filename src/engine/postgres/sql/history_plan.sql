-- As history_list.sql, without what no plan needs.
SELECT h.id, h.version, h.name, h.kind, h.direction, h.state, h.checksum, h.statements, h.done, h.fingerprint,
       pg_catalog.to_char(h.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
       CASE WHEN h.state OPERATOR(pg_catalog.=) 'deferred' AND h.finished_at IS NOT NULL THEN '' END,
       h.duration_ms, h.applied_by, h.run_id, h.tool,
       CASE WHEN h.state OPERATOR(pg_catalog.=) ANY (ARRAY['failed', 'running', 'deferred']) THEN h.error END,
       CASE WHEN h.down IS NOT NULL THEN '' END,
       server.doubt
FROM (SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_class t
                               JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace
                               JOIN pg_catalog.pg_roles r ON r.rolname OPERATOR(pg_catalog.=) current_user
                               WHERE n.nspname OPERATOR(pg_catalog.=) {schema_text}
                                 AND t.relname OPERATOR(pg_catalog.=) {table_text}
                                 AND t.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
                                 AND (t.relforcerowsecurity OR NOT pg_catalog.pg_has_role(t.relowner, 'USAGE')))
                  THEN 'hides'
                  WHEN pg_catalog.pg_is_in_recovery() THEN 'recovers' END) AS server (doubt)
LEFT JOIN {table} AS h ON true
ORDER BY h.id
