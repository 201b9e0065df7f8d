-- Who holds another tool's lock $1, if anybody. Of other users' sessions not everybody may see more than the number.
SELECT CONCAT(COALESCE((SELECT CONCAT(p.user, '@', p.host, ', ') FROM information_schema.processlist p
                        WHERE p.id = IS_USED_LOCK($1)), ''),
              'connection ', IS_USED_LOCK($1))
FROM (SELECT 1) one
WHERE IS_USED_LOCK($1) IS NOT NULL
