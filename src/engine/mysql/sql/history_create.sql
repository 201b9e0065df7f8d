-- Everything that the server or a session could choose otherwise is said: engine, row format, character set. Times are UTC.
CREATE TABLE IF NOT EXISTS {table} (
    `id` bigint NOT NULL AUTO_INCREMENT,
    `version` varchar(255) NOT NULL,
    `name` text NOT NULL,
    `kind` varchar(32) NOT NULL,
    `direction` varchar(16) NOT NULL,
    `state` varchar(32) NOT NULL,
    `checksum` varchar(64) NULL,
    `statements` bigint NOT NULL,
    `done` bigint NOT NULL,
    `fingerprint` text NULL,
    `started_at` datetime(3) NOT NULL,
    `finished_at` datetime(3) NULL,
    `duration_ms` bigint NULL,
    `applied_by` text NULL,
    `run_id` varchar(64) NULL,
    `tool` varchar(64) NULL,
    `error` longtext NULL,
    `down` longtext NULL,
    PRIMARY KEY (`id`),
    KEY `version` (`version`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
