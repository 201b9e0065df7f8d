#include "migration/template.h"

#include <stddef.h>
#include <string.h>

/* ---- every dialect ---- */

static const char plain_config_down[] = "-- Only what this migration brought.\n"
                                        "DELETE FROM {table} WHERE name IN ('example', 'other');\n";

#define CONFIG_ROWS                                                                                                    \
    "-- Rows that the application needs, wherever it runs. Rows that are there get these values: safe to run twice.\n" \
    "\n"                                                                                                               \
    "INSERT INTO {table} (name, value) VALUES\n"                                                                       \
    "    ('example', 'on'),\n"                                                                                         \
    "    ('other', 'off')\n"

/* ---- PostgreSQL ---- */

static const char pg_config_up[] = CONFIG_ROWS "ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value;\n";

#define PG_NEW_TABLE                                                                                                   \
    "CREATE TABLE {table} (\n"                                                                                         \
    "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"                                                        \
    "    name text NOT NULL,\n"                                                                                        \
    "    created_at timestamptz NOT NULL DEFAULT now(),\n"                                                             \
    "    updated_at timestamptz NOT NULL DEFAULT now()\n"                                                              \
    ");\n"

static const char pg_add_table_up[] = "-- A new table: nothing that exists is locked or changed.\n"
                                      "\n" PG_NEW_TABLE "\n"
                                      "CREATE INDEX {index} ON {table} (created_at);\n"
                                      "\n"
                                      "COMMENT ON TABLE {table} IS 'What one row stands for.';\n"
                                      "COMMENT ON COLUMN {table}.name IS 'What people call it.';\n";

static const char pg_add_table_down[] = "DROP TABLE {table};\n";

static const char pg_add_column_up[] =
    "-- A new column that ends up NOT NULL, while the application works: every step commits by itself, so that none "
    "holds a lock\n"
    "-- while the next one works through the table.\n"
    "-- godwit:tx none\n"
    "-- godwit:lock-timeout 5s\n"
    "\n"
    "ALTER TABLE {table} ADD COLUMN {column} text;\n"
    "COMMENT ON COLUMN {table}.{column} IS 'What it says about a row.';\n"
    "\n"
    "-- The value of rows that come from now on.\n"
    "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT '';\n"
    "\n"
    "-- The value of rows that are there.\n"
    "UPDATE {table} SET {column} = '' WHERE {column} IS NULL;\n"
    "\n"
    "-- NOT NULL without a long lock: a valid check makes SET NOT NULL immediate.\n"
    "ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;\n"
    "ALTER TABLE {table} VALIDATE CONSTRAINT {check};\n"
    "ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n"
    "ALTER TABLE {table} DROP CONSTRAINT {check};\n";

static const char pg_add_column_down[] = "-- Loses what the column holds.\n"
                                         "ALTER TABLE {table} DROP COLUMN {column};\n";

#define PG_FUNCTION(expression)                                                                                        \
    "CREATE FUNCTION {function}(subject text)\n"                                                                       \
    "RETURNS text\n"                                                                                                   \
    "LANGUAGE sql\n"                                                                                                   \
    "IMMUTABLE STRICT PARALLEL SAFE\n"                                                                                 \
    "AS $$\n"                                                                                                          \
    "    SELECT " expression ";\n"                                                                                     \
    "$$;\n"

#define PG_FUNCTION_COMMENT "COMMENT ON FUNCTION {function}(text) IS 'What it answers, and for what.';\n"

static const char pg_add_function_up[] = PG_FUNCTION("lower(btrim(subject))") "\n" PG_FUNCTION_COMMENT;

static const char pg_add_function_down[] = "DROP FUNCTION {function}(text);\n";

static const char pg_modify_function_up[] =
    "-- The old version goes, the new one comes, in one transaction. With the same arguments and result, CREATE OR "
    "REPLACE alone\n"
    "-- would do, and keep the grants and what depends on the function.\n"
    "\n"
    "DROP FUNCTION IF EXISTS {function}(text);\n"
    "\n" PG_FUNCTION("lower(regexp_replace(btrim(subject), '\\s+', ' ', 'g'))") "\n" PG_FUNCTION_COMMENT;

static const char pg_modify_function_down[] = "-- The old version, as it was before.\n"
                                              "\n"
                                              "DROP FUNCTION {function}(text);\n"
                                              "\n" PG_FUNCTION("lower(btrim(subject))") "\n" PG_FUNCTION_COMMENT;

static const char pg_add_index_up[] =
    "-- Built while the table is read and written; this statement alone in its file, since it cannot run in a "
    "transaction.\n"
    "-- Composite: ON {table} ({column}, id). Partial: ON {table} ({column}) WHERE {column} IS NOT NULL.\n"
    "\n"
    "CREATE INDEX CONCURRENTLY {index} ON {table} ({column});\n";

static const char pg_add_index_down[] = "DROP INDEX CONCURRENTLY {index};\n";

static const char pg_data_migration_up[] =
    "-- Changes data in one transaction: keeps what was there, changes it, and fails, changing nothing, if a row was "
    "left out.\n"
    "\n"
    "CREATE TABLE {before} AS\n"
    "SELECT id, {column} FROM {table} WHERE {column} <> lower(btrim({column}));\n"
    "\n"
    "UPDATE {table} SET {column} = lower(btrim({column})) WHERE {column} <> lower(btrim({column}));\n"
    "\n"
    "DO $$\n"
    "DECLARE\n"
    "    wrong bigint;\n"
    "BEGIN\n"
    "    SELECT count(*) INTO wrong FROM {table} WHERE {column} <> lower(btrim({column}));\n"
    "    IF wrong > 0 THEN\n"
    "        RAISE EXCEPTION '% rows of {=table} still have the old form', wrong;\n"
    "    END IF;\n"
    "END\n"
    "$$;\n";

static const char pg_data_migration_down[] =
    "UPDATE {table} SET {column} = {before}.{column} FROM {before} WHERE {before}.id = {table}.id;\n"
    "\n"
    "DROP TABLE {before};\n";

/* ---- MySQL and MariaDB: every text may run twice ---- */

static const char my_config_up[] = CONFIG_ROWS "ON DUPLICATE KEY UPDATE value = VALUES(value);\n";

/* A procedure that does `work` if `condition`, run once. */
#define MY_STEP(condition, work)                                                                                       \
    "DROP PROCEDURE IF EXISTS {step};\n"                                                                               \
    "CREATE PROCEDURE {step}()\n"                                                                                      \
    "BEGIN\n"                                                                                                          \
    "    IF " condition " THEN\n"                                                                                      \
    "        " work ";\n"                                                                                              \
    "    END IF;\n"                                                                                                    \
    "END;\n"                                                                                                           \
    "CALL {step}();\n"                                                                                                 \
    "DROP PROCEDURE IF EXISTS {step};\n"

#define MY_HAS_COLUMN                                                                                                  \
    "EXISTS (SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS\n"                                                               \
    "        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{=table}' AND COLUMN_NAME = '{=column}')"

#define MY_HAS_INDEX                                                                                                   \
    "EXISTS (SELECT 1 FROM INFORMATION_SCHEMA.STATISTICS\n"                                                            \
    "        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{=table}' AND INDEX_NAME = '{=index}')"

static const char my_add_table_up[] = "-- A new table: nothing that exists is locked or changed. Safe to run twice.\n"
                                      "\n"
                                      "CREATE TABLE IF NOT EXISTS {table} (\n"
                                      "    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,\n"
                                      "    name VARCHAR(255) NOT NULL COMMENT 'What people call it.',\n"
                                      "    created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),\n"
                                      "    updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)\n"
                                      "        ON UPDATE CURRENT_TIMESTAMP(6),\n"
                                      "    PRIMARY KEY (id),\n"
                                      "    KEY {index} (created_at)\n"
                                      ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='What one row stands for.';\n";

static const char my_add_table_down[] = "DROP TABLE IF EXISTS {table};\n";

static const char my_add_column_up[] =
    "-- A new column that ends up NOT NULL, while the application works. Safe to run twice.\n"
    "\n" MY_STEP("NOT " MY_HAS_COLUMN, "ALTER TABLE {table} ADD COLUMN {column} VARCHAR(255) NULL") //
    "\n"
    "-- The value of rows that come from now on.\n"
    "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT '';\n"
    "\n"
    "-- The value of rows that are there.\n"
    "UPDATE {table} SET {column} = '' WHERE {column} IS NULL;\n"
    "\n"
    "ALTER TABLE {table} MODIFY COLUMN {column} VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'What it says about a "
    "row.';\n";

static const char my_add_column_down[] =
    "-- Loses what the column holds.\n" MY_STEP(MY_HAS_COLUMN, "ALTER TABLE {table} DROP COLUMN {column}");

#define MY_FUNCTION(expression)                                                                                        \
    "DROP FUNCTION IF EXISTS {function};\n"                                                                            \
    "\n"                                                                                                               \
    "CREATE FUNCTION {function}(subject VARCHAR(255))\n"                                                               \
    "RETURNS VARCHAR(255)\n"                                                                                           \
    "DETERMINISTIC NO SQL\n"                                                                                           \
    "COMMENT 'What it answers, and for what.'\n"                                                                       \
    "BEGIN\n"                                                                                                          \
    "    RETURN " expression ";\n"                                                                                     \
    "END;\n"

static const char my_add_function_up[] =
    "-- Plain semicolons, no DELIMITER. Safe to run twice.\n\n" MY_FUNCTION("LOWER(TRIM(subject))");

static const char my_add_function_down[] = "DROP FUNCTION IF EXISTS {function};\n";

static const char my_modify_function_up[] = "-- Keep the arguments: the application that runs now still calls it. For "
                                            "a moment there is none. Safe to run twice.\n"
                                            "\n" MY_FUNCTION("LOWER(REPLACE(TRIM(subject), '  ', ' '))");

static const char my_modify_function_down[] =
    "-- The old version, as it was before.\n\n" MY_FUNCTION("LOWER(TRIM(subject))");

static const char my_add_index_up[] =
    "-- Built while the table is read and written; fails at once where the engine cannot. Safe to run twice.\n"
    "-- Composite: ({column}, id).\n"
    "\n" MY_STEP("NOT " MY_HAS_INDEX, "ALTER TABLE {table} ADD INDEX {index} ({column}), ALGORITHM=INPLACE, LOCK=NONE");

static const char my_add_index_down[] = MY_STEP(MY_HAS_INDEX, "ALTER TABLE {table} DROP INDEX {index}");

#define MY_OLD_FORM "CAST({column} AS BINARY) <> CAST(LOWER(TRIM({column})) AS BINARY)"

static const char my_data_migration_up[] =
    "-- Changes data: keeps what was there, changes it, and fails if a row was left out. Safe to run twice.\n"
    "\n"
    "CREATE TABLE IF NOT EXISTS {before} (PRIMARY KEY (id)) AS\n"
    "SELECT id, {column} FROM {table} WHERE " MY_OLD_FORM ";\n"
    "\n"
    "UPDATE {table} SET {column} = LOWER(TRIM({column})) WHERE " MY_OLD_FORM ";\n"
    "\n" MY_STEP("EXISTS (SELECT 1 FROM {table} WHERE " MY_OLD_FORM ")",
                 "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'rows of {=table} still have the old form'");

static const char my_data_migration_down[] =
    "-- What was there before comes back. Safe to run twice.\n"
    "CREATE TABLE IF NOT EXISTS {before} AS SELECT id, {column} FROM {table} WHERE FALSE;\n"
    "UPDATE {table} JOIN {before} ON {before}.id = {table}.id SET {table}.{column} = {before}.{column};\n"
    "DROP TABLE IF EXISTS {before};\n";

/* ---- SQLite ---- */

static const char lite_config_up[] = CONFIG_ROWS "ON CONFLICT (name) DO UPDATE SET value = excluded.value;\n";

static const char lite_add_table_up[] = "-- A new table: nothing that exists is changed.\n"
                                        "\n"
                                        "CREATE TABLE {table} (\n"
                                        "    id INTEGER PRIMARY KEY,\n"
                                        "    name TEXT NOT NULL, -- what people call it\n"
                                        "    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))\n"
                                        ");\n"
                                        "\n"
                                        "CREATE INDEX {index} ON {table} (created_at);\n";

static const char lite_add_table_down[] = "DROP TABLE {table};\n";

static const char lite_add_column_up[] =
    "-- SQLite adds a NOT NULL column at once when it has a default that is not NULL.\n"
    "\n"
    "ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT '';\n"
    "\n"
    "-- The value of rows that are there.\n"
    "UPDATE {table} SET {column} = '' WHERE {column} = '';\n";

static const char lite_add_column_down[] = "-- Loses what the column holds.\n"
                                           "ALTER TABLE {table} DROP COLUMN {column};\n";

static const char lite_add_index_up[] = "-- Partial: ON {table} ({column}) WHERE {column} IS NOT NULL.\n"
                                        "\n"
                                        "CREATE INDEX {index} ON {table} ({column});\n";

static const char lite_add_index_down[] = "DROP INDEX {index};\n";

static const char lite_data_migration_up[] =
    "-- Changes data in one transaction: keeps what was there, changes it, and fails, changing nothing, if a row was "
    "left out.\n"
    "\n"
    "CREATE TABLE {before} AS\n"
    "SELECT id, {column} FROM {table} WHERE {column} <> lower(trim({column}));\n"
    "\n"
    "UPDATE {table} SET {column} = lower(trim({column})) WHERE {column} <> lower(trim({column}));\n"
    "\n"
    "CREATE TEMP TABLE {step} (wrong INTEGER CONSTRAINT \"no row has the old form\" CHECK (wrong = 0));\n"
    "INSERT INTO {step} SELECT count(*) FROM {table} WHERE {column} <> lower(trim({column}));\n"
    "DROP TABLE {step};\n";

static const char lite_data_migration_down[] =
    "UPDATE {table} SET {column} = (SELECT {before}.{column} FROM {before} WHERE {before}.id = {table}.id)\n"
    "WHERE id IN (SELECT id FROM {before});\n"
    "\n"
    "DROP TABLE {before};\n";

/* ---- the table ---- */

static const struct {
    const char *pattern;
    gw_template of[3]; /* by gw_dialect_kind */
} rows[] = {
    {"add-table",
     {{pg_add_table_up, pg_add_table_down},
      {my_add_table_up, my_add_table_down},
      {lite_add_table_up, lite_add_table_down}}},
    {"add-column",
     {{pg_add_column_up, pg_add_column_down},
      {my_add_column_up, my_add_column_down},
      {lite_add_column_up, lite_add_column_down}}},
    {"add-function",
     {{pg_add_function_up, pg_add_function_down}, {my_add_function_up, my_add_function_down}, {NULL, NULL}}},
    {"modify-function",
     {{pg_modify_function_up, pg_modify_function_down},
      {my_modify_function_up, my_modify_function_down},
      {NULL, NULL}}},
    {"add-index",
     {{pg_add_index_up, pg_add_index_down},
      {my_add_index_up, my_add_index_down},
      {lite_add_index_up, lite_add_index_down}}},
    {"config",
     {{pg_config_up, plain_config_down}, {my_config_up, plain_config_down}, {lite_config_up, plain_config_down}}},
    {"data-migration",
     {{pg_data_migration_up, pg_data_migration_down},
      {my_data_migration_up, my_data_migration_down},
      {lite_data_migration_up, lite_data_migration_down}}},
};

const gw_template *
gw_template_find(const char *pattern, gw_dialect_kind dialect)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].pattern, pattern) == 0)
            return &rows[i].of[dialect];
    return NULL;
}
