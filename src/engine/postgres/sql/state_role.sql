-- A password is not told to everybody.
SELECT pg_catalog.to_jsonb(r)::pg_catalog.text
FROM pg_catalog.pg_roles r WHERE r.oid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(m)::pg_catalog.text
FROM pg_catalog.pg_auth_members m WHERE m.roleid OPERATOR(pg_catalog.=) o.oid OR m.member OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT pg_catalog.to_jsonb(s)::pg_catalog.text
FROM pg_catalog.pg_db_role_setting s WHERE s.setrole OPERATOR(pg_catalog.=) o.oid
