-- The table {name} as a partition of {on}; half detached it still is one.
SELECT h.inhrelid
FROM pg_catalog.pg_inherits h
WHERE h.inhrelid OPERATOR(pg_catalog.=) ({relation}) AND h.inhparent OPERATOR(pg_catalog.=) {on}
