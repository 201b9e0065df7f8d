SELECT `down` FROM {table} WHERE `id` = $1
