-- A commit that waits for the disk, and so for all commits before it. One without WAL of its own would not wait: this message is the
-- smallest piece of WAL that needs no table; no subscriber is told of it unless it asks for messages.
RESET synchronous_commit;
SELECT pg_catalog.pg_logical_emit_message(true, 'godwit', '');
