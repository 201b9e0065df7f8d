UPDATE {table}
   SET done = $2, fingerprint = $3
 WHERE id = $1 AND {held}
