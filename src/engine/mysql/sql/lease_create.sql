-- One row, without AUTO_INCREMENT. Times are UTC. What changes with every write counts them, so that no write is one that
-- changes nothing, of which the server would say that it hit no row.
CREATE TABLE IF NOT EXISTS {lease} (
    `id` int NOT NULL,
    `token` bigint NOT NULL,
    `owner` varchar(64) NULL,
    `who` text NULL,
    `session` text NULL,
    `taken_at` datetime(6) NULL,
    `expires_at` datetime(6) NULL,
    `writes` bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (`id`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
