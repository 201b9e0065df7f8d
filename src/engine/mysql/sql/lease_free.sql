UPDATE {lease}
SET `writes` = `writes` + 1, `owner` = NULL, `who` = NULL, `session` = NULL, `taken_at` = NULL, `expires_at` = NULL
WHERE `id` = 1 AND `token` = CAST($1 AS SIGNED) AND `owner` = $2
