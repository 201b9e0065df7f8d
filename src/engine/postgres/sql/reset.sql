-- The session as it began, in one message. Not DISCARD ALL: that is refused among others, and drops advisory locks.
RESET SESSION AUTHORIZATION;
RESET ROLE;
RESET ALL;
CLOSE ALL;
DEALLOCATE ALL;
UNLISTEN *;
DISCARD SEQUENCES;
DISCARD TEMP;
