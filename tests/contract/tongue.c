#include "tongue.h"

#include <stddef.h>
#include <string.h>

static const tongue tongues[] = {
    {
        .engine = "postgres",
        .any_text = "",
        .echo = "SELECT $1, $2",
        .slow = {"SELECT pg_sleep(30)", "WITH RECURSIVE r(n) AS (SELECT 1::bigint UNION ALL SELECT n + 1 FROM r WHERE "
                                        "n < 100000000000) SELECT max(n) FROM r"},
        .nap = "SELECT pg_sleep(0.2)",
        .syntax_code = "42601",
        .missing_code = "42P01",
        .notices = true,
        .settings =
            {
                {"SET search_path TO pg_catalog", "SHOW search_path"},
                {"SET TIME ZONE 'Asia/Tokyo'", "SHOW TimeZone"},
                {"SET statement_timeout TO '7min'", "SHOW statement_timeout"},
                {"SET lock_timeout TO '7min'", "SHOW lock_timeout"},
                {"SET standard_conforming_strings TO off", "SHOW standard_conforming_strings"},
                {"SET client_min_messages TO error", "SHOW client_min_messages"},
                {"SET default_transaction_read_only TO on", "SHOW default_transaction_read_only"},
            },
        .own_begin = "START TRANSACTION READ ONLY",
        .own_forbids_writes = true,
        .other_zone = "SET TIME ZONE 'Asia/Tokyo'",
        .elsewhere = "SET search_path TO pg_catalog",
        .history_names = {"{t}_Folded", "\"{t} We\"\"ird 'Näme'\"", "{t}_schema.\"History\"", "\"{t}_\\back\""},
        .history_schema_drop = "DROP SCHEMA IF EXISTS {t}_schema CASCADE",
    },
    {
        .engine = "mysql",
        .any_text = " CHARACTER SET utf8mb4", /* whatever the database's own is */
        .echo = "SELECT $1, $2",
        .slow = {"SELECT SLEEP(30)", "SELECT BENCHMARK(10000000000, SHA2('x', 256))"},
        .nap = "SELECT SLEEP(0.2)",
        .syntax_code = "1064",
        .missing_code = "1146",
        .notices = true,
        .settings =
            {
                {"SET SESSION sql_mode = ''", "SELECT @@SESSION.sql_mode"},
                {"SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", "SELECT @@SESSION.sql_mode"},
                {"SET foreign_key_checks = 0", "SELECT @@SESSION.foreign_key_checks"},
                {"SET unique_checks = 0", "SELECT @@SESSION.unique_checks"},
                {"SET time_zone = '+09:00'", "SELECT @@SESSION.time_zone"},
                {"SET NAMES latin1", "SELECT @@SESSION.character_set_client"},
                {"USE information_schema", "SELECT DATABASE()"},
                {"SET autocommit = 0", "SELECT @@SESSION.autocommit"},
            },
        .own_begin = "START TRANSACTION READ ONLY",
        .own_forbids_writes = true,
        .other_zone = "SET time_zone = '+09:00'",
        .elsewhere = "USE information_schema",
        .history_names = {"{t}_h", "`{t} We``ird 'Näme'`", "`{t}_\\back`", "{t}_Upper"},
    },
    {
        .engine = "sqlite",
        .any_text = "",
        .echo = "SELECT $1, $2",
        .slow = {"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100000000000) SELECT max(n) "
                 "FROM r",
                 "WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r LIMIT 100000000000) SELECT count(*) "
                 "FROM r"},
        .syntax_code = "1",
        .missing_code = "1",
        .notices = false,
        .settings =
            {
                {"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys"},
                {"PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers"},
                {"PRAGMA legacy_alter_table = ON", "PRAGMA legacy_alter_table"},
                {"PRAGMA case_sensitive_like = ON", "SELECT 'a' LIKE 'A'"},
                {"PRAGMA synchronous = OFF", "PRAGMA synchronous"},
                {"PRAGMA journal_mode = MEMORY", "PRAGMA journal_mode"},
                {"ATTACH DATABASE ':memory:' AS other",
                 "SELECT count(*) FROM pragma_database_list WHERE name <> 'temp'"},
                {"CREATE TEMP TABLE left_over (n)", "SELECT count(*) FROM sqlite_temp_master"},
            },
        .own_begin = "BEGIN EXCLUSIVE TRANSACTION",
        .own_forbids_writes = false,
        .history_names = {"{t}_h", "\"{t} We\"\"ird 'Näme'\"", "main.\"{t}_History\"", "[{t}_\\back]"},
    },
    {
        .engine = "fake",
        .any_text = "",
        .echo = "SELECT $1, $2",
        .slow = {"SLEEP", "SLEEP AGAIN"},
        .syntax_code = "42601",
        .missing_code = "42P01",
        .notices = true,
        .settings = {{"SET path other", "SHOW path"}, {"SET zone Tokyo", "SHOW zone"}},
        .own_begin = "BEGIN READ ONLY",
        .own_forbids_writes = true,
        .other_zone = "SET zone Tokyo",
        .elsewhere = "SET path other",
        .history_names = {"{t}_h", "\"{t} We\"\"ird 'Näme'\"", "{t}_schema.\"History\"", "\"{t}_\\back\""},
        .history_schema_drop = "DROP SCHEMA {t}_schema",
    },
};

const tongue *
tongue_of(const char *engine)
{
    for (size_t i = 0; i < sizeof(tongues) / sizeof(tongues[0]); i++)
        if (strcmp(tongues[i].engine, engine) == 0)
            return &tongues[i];
    return NULL;
}
