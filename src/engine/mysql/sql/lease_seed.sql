INSERT IGNORE INTO {lease} (`id`, `token`) VALUES (1, 0)
