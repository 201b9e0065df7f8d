-- All indexes of the table {on} that can be used: the name of the one that is being created is the server's choice.
SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid OPERATOR(pg_catalog.=) {on} AND i.indisvalid
