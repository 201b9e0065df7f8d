-- Columns one by one: not all of them may be read by everybody. How far a table is copied is no matter of definition.
SELECT pg_catalog.concat_ws(' ', s.subname, s.subdbid, s.subowner, s.subenabled, s.subslotname, s.subsynccommit, s.subpublications)
FROM pg_catalog.pg_subscription s WHERE s.oid OPERATOR(pg_catalog.=) o.oid
UNION ALL
SELECT t.srrelid::pg_catalog.text
FROM pg_catalog.pg_subscription_rel t WHERE t.srsubid OPERATOR(pg_catalog.=) o.oid
