/* What the MySQL engine says about objects: states that change when DDL changes them, and only then. */
#include "server_fixture.h"

#include "engine/mysql/engine.h"

const gw_engine *const tested = &gw_mysql;

static bool
is_mariadb(const fixture *fx)
{
    return strcmp(fx->conn->facts.product, "MariaDB") == 0;
}

static gw_target
target_of(gw_target_role role, gw_object_kind kind, const char *name, const char *on)
{
    return (gw_target){.role = role, .kind = kind, .name = gw_str_of(name), .on = gw_str_of(on)};
}

static const char *
state_now(fixture *fx, gw_target t)
{
    const char *const expression = gw_mysql.state(fx->arena, fx->conn, &t);
    if (expression == NULL)
        fail_msg("no expression for '%.*s'", GW_STR_ARG(t.name));
    const char *const state = ask(fx, fx->conn, gw_printf(fx->arena, "SELECT %s", expression), NULL);
    if (state[0] == '\0' || state[strspn(state, "abcdefghijklmnopqrstuvwxyz0123456789")] != '\0')
        fail_msg("'%.*s': '%s'", GW_STR_ARG(t.name), state);
    return state;
}

/* Statements one after the other, with ";;" between them. */
static void
run_all(fixture *fx, const char *texts)
{
    const char *end;
    for (; (end = strstr(texts, ";;")) != NULL; texts = end + 2)
        exec(fx->conn, gw_strdup(fx->arena, (gw_str){texts, (size_t)(end - texts)}));
    exec(fx->conn, texts);
}

/* ---- what changes a table ---- */

enum { BOTH, MARIADB, MYSQL };

static const char drop_tables[] = "DROP TABLE IF EXISTS st_t, st_p, st_parted, st_parent";
static const char make_tables[] =
    "CREATE TABLE st_parent (a int PRIMARY KEY, b int, UNIQUE KEY pu (b)) ENGINE=InnoDB;;"
    "CREATE TABLE st_t (id bigint NOT NULL AUTO_INCREMENT, a int, b varchar(50) DEFAULT 'x' COMMENT 'q', c text, "
    "e decimal(10,2) NOT NULL DEFAULT 1, f datetime DEFAULT CURRENT_TIMESTAMP, g int AS (e + 1) VIRTUAL, "
    "PRIMARY KEY (id), KEY ka (a), UNIQUE KEY ub (b), CONSTRAINT st_fk FOREIGN KEY (a) REFERENCES st_parent (a), "
    "CONSTRAINT st_ck CHECK (e > 0)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;;"
    "CREATE TABLE st_p (id int NOT NULL, a int, b datetime, x date NOT NULL, y date NOT NULL, PRIMARY KEY (id), KEY ka "
    "(a)) ENGINE=InnoDB;;"
    "CREATE TABLE st_parted (id int NOT NULL) ENGINE=InnoDB PARTITION BY RANGE (id) "
    "(PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))";

/* {t}, {p}, {parted} are the tables above. */
static const struct {
    int where;
    const char *table, *sql;
} changes[] = {
    {BOTH, "st_t", "ADD COLUMN n int"},
    {BOTH, "st_t", "ADD COLUMN n int FIRST"},
    {BOTH, "st_t", "DROP COLUMN c"},
    {BOTH, "st_t", "MODIFY e decimal(11,2) NOT NULL DEFAULT 1"},
    {BOTH, "st_t", "CHANGE b bb varchar(50) DEFAULT 'x' COMMENT 'q'"},
    {BOTH, "st_t", "RENAME COLUMN c TO cc"},
    {BOTH, "st_t", "ALTER b SET DEFAULT 'y'"},
    {BOTH, "st_t", "ALTER b SET DEFAULT NULL"},
    {BOTH, "st_t", "ALTER b DROP DEFAULT"},
    {BOTH, "st_t", "ALTER e SET DEFAULT (1 + 1)"},
    {BOTH, "st_t", "MODIFY b varchar(50) DEFAULT 'x' COMMENT 'other'"},
    {BOTH, "st_t", "MODIFY b varchar(50) DEFAULT 'x'"},
    {BOTH, "st_t", "MODIFY b varchar(51) DEFAULT 'x' COMMENT 'q'"},
    {BOTH, "st_t", "MODIFY b varchar(50) CHARACTER SET latin1 DEFAULT 'x' COMMENT 'q'"},
    {BOTH, "st_t", "MODIFY b varchar(50) COLLATE utf8mb4_bin DEFAULT 'x' COMMENT 'q'"},
    {BOTH, "st_t", "MODIFY c text NOT NULL"},
    {BOTH, "st_t", "MODIFY c text AFTER id"},
    {BOTH, "st_t", "MODIFY f datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"},
    {BOTH, "st_t", "MODIFY g int AS (e + 2) VIRTUAL"},
    {BOTH, "st_t", "DROP COLUMN g, ADD COLUMN g int AS (e + 1) STORED"},
    {BOTH, "st_t", "MODIFY id bigint NOT NULL"},
    {BOTH, "st_t", "MODIFY e decimal(10,2) NOT NULL DEFAULT 1, ADD COLUMN m int"},
    {BOTH, "st_t", "ADD INDEX (e)"},
    {BOTH, "st_t", "ADD INDEX k2 (a, e)"},
    {BOTH, "st_t", "ADD UNIQUE (a)"},
    {BOTH, "st_t", "ADD INDEX k2 (c(10))"},
    {BOTH, "st_t", "ADD FULLTEXT INDEX k2 (c)"},
    {BOTH, "st_t", "DROP INDEX ub"},
    {BOTH, "st_t", "DROP INDEX ub, ADD INDEX ub (b)"},
    {BOTH, "st_t", "DROP INDEX ub, ADD UNIQUE ub (b, e)"},
    {BOTH, "st_t", "DROP INDEX ub, ADD UNIQUE ub (b(20))"},
    {BOTH, "st_t", "DROP INDEX ub, ADD UNIQUE ub (b) COMMENT 'hello'"},
    {BOTH, "st_t", "DROP INDEX ub, ADD UNIQUE ub (b DESC)"},
    {BOTH, "st_t", "RENAME INDEX ub TO uc"},
    {BOTH, "st_t", "DROP FOREIGN KEY st_fk"},
    {BOTH, "st_t", "DROP FOREIGN KEY st_fk, ADD CONSTRAINT st_fk2 FOREIGN KEY (a) REFERENCES st_parent (a)"},
    {BOTH, "st_t", "ADD FOREIGN KEY (a) REFERENCES st_parent (b)"},
    {BOTH, "st_t", "ADD FOREIGN KEY (a) REFERENCES st_parent (a) ON DELETE CASCADE"},
    {BOTH, "st_t", "DROP CONSTRAINT st_ck"},
    {BOTH, "st_t", "DROP CONSTRAINT st_ck, ADD CONSTRAINT st_ck CHECK (e > -5)"},
    {BOTH, "st_t", "ADD CHECK (a < 10)"},
    {BOTH, "st_t", "COMMENT = 'nice'"},
    {BOTH, "st_t", "COLLATE utf8mb4_bin"},
    {BOTH, "st_t", "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"},
    {BOTH, "st_t", "ROW_FORMAT = REDUNDANT"},
    {BOTH, "st_t", "ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 4"},
    {BOTH, "st_t", "STATS_PERSISTENT = 1"},
    {BOTH, "st_t", "STATS_SAMPLE_PAGES = 7"},
    {BOTH, "st_t", "MAX_ROWS = 100"},
    {BOTH, "st_p", "ENGINE = MyISAM"},
    {BOTH, "st_p", "DROP PRIMARY KEY"},
    {BOTH, "st_p", "DROP PRIMARY KEY, ADD PRIMARY KEY (id, x)"},
    {BOTH, "st_p", "PARTITION BY HASH (id) PARTITIONS 3"},
    {BOTH, "st_p", "PARTITION BY KEY ()"},
    {BOTH, "st_parted", "ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))"},
    {BOTH, "st_parted", "ADD PARTITION (PARTITION p2 VALUES LESS THAN MAXVALUE COMMENT 'rest')"},
    {BOTH, "st_parted", "DROP PARTITION p0"},
    {BOTH, "st_parted", "REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (25))"},
    {BOTH, "st_parted", "REORGANIZE PARTITION p0, p1 INTO (PARTITION p1 VALUES LESS THAN (20))"},
    {BOTH, "st_parted",
     "PARTITION BY RANGE (id + 1) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))"},
    {BOTH, "st_parted", "PARTITION BY HASH (id) PARTITIONS 2"},
    {BOTH, "st_parted", "REMOVE PARTITIONING"},
    {MYSQL, "st_t", "ALTER COLUMN c SET INVISIBLE"},
    {MYSQL, "st_t", "ALTER INDEX ub INVISIBLE"},
    {MYSQL, "st_t", "ALTER CHECK st_ck NOT ENFORCED"},
    {MYSQL, "st_t", "ADD INDEX k2 ((e * 2))"},
    {MYSQL, "st_t", "ADD COLUMN pt point NOT NULL SRID 4326"},
    {MARIADB, "st_t", "MODIFY c text INVISIBLE"},
    {MARIADB, "st_t", "MODIFY c text COMPRESSED"},
    {MARIADB, "st_t", "ALTER INDEX ub IGNORED"},
    {MARIADB, "st_p", "ADD SYSTEM VERSIONING"},
    {MARIADB, "st_p", "ADD PERIOD FOR valid (x, y)"},
    {MARIADB, "st_t", "MODIFY a int CHECK (a > 1)"},
    {MARIADB, "st_t", "PAGE_CHECKSUM = 1"},
};

static void
tells_a_changed_table_from_what_it_was(void **state)
{
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        if (changes[i].where == (is_mariadb(fx) ? MYSQL : MARIADB))
            continue;
        const gw_target t = target_of(GW_TARGET_CHANGED, GW_OBJECT_TABLE, changes[i].table, NULL);
        exec(fx->conn, drop_tables);
        run_all(fx, make_tables);
        const char *const before = state_now(fx, t);
        gw_err e = {0};
        const char *const sql = gw_printf(fx->arena, "ALTER TABLE %s %s", changes[i].table, changes[i].sql);
        if (try_exec(fx->conn, sql, &e) != GODWIT_OK)
            fail_msg("%s: %s", sql, e.message);
        if (strcmp(before, state_now(fx, t)) == 0)
            fail_msg("unchanged by %s", sql);
    }
    exec(fx->conn, drop_tables);
}

static void
sees_no_change_where_only_data_or_the_session_changed(void **state)
{
    fixture *const fx = *state;
    static const char *const harmless[] = {
        "INSERT INTO st_parent VALUES (1, 1), (2, 2)",
        "INSERT INTO st_t (a, b, c) VALUES (1, 'a', 'x'), (2, 'b', 'y'), (NULL, 'c', 'z')",
        "ANALYZE TABLE st_t",
        "OPTIMIZE TABLE st_t",
        "CHECK TABLE st_t",
        "FLUSH TABLES",
        "ALTER TABLE st_t AUTO_INCREMENT = 1000",
        "ALTER TABLE st_t FORCE",
        "UPDATE st_t SET a = 1 WHERE b = 'b'",
        "DELETE FROM st_t",
        "TRUNCATE TABLE st_t",
        "CREATE TRIGGER st_trg BEFORE INSERT ON st_t FOR EACH ROW SET NEW.a = 1",
        "SET SESSION sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE'",
        "SET NAMES latin1",
        "SET SESSION character_set_connection = utf16",
        "SET SESSION collation_connection = utf8mb4_bin",
        "SET SESSION group_concat_max_len = 4",
        "SET SESSION time_zone = '+09:00'",
        "SET SESSION sql_select_limit = 1",
        "SET SESSION timestamp = 1000",
        "SET SESSION sql_quote_show_create = 0",
        "SET SESSION transaction_isolation = 'SERIALIZABLE'",
        "SET SESSION optimizer_switch = 'derived_merge=off,materialization=off,semijoin=off'",
    };
    exec(fx->conn, drop_tables);
    run_all(fx, make_tables);
    const gw_target t = target_of(GW_TARGET_CHANGED, GW_OBJECT_TABLE, "st_t", NULL);
    const gw_target parted = target_of(GW_TARGET_CHANGED, GW_OBJECT_TABLE, "st_parted", NULL);
    const char *const before = state_now(fx, t);
    const char *const parted_before = state_now(fx, parted);
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        gw_err ignored = {0};
        if (try_exec(fx->conn, harmless[i], &ignored) != GODWIT_OK &&
            strstr(harmless[i], "transaction_isolation") == NULL)
            fail_msg("%s: %s", harmless[i], ignored.message);
        if (strcmp(before, state_now(fx, t)) != 0 || strcmp(parted_before, state_now(fx, parted)) != 0)
            fail_msg("changed by %s", harmless[i]);
    }
    reset(fx->conn);
    exec(fx->conn, drop_tables);
}

/* ---- parts of a table ---- */

/* What somebody else does to the table changes nothing; then what is done to the part does. */
static const struct {
    int where;
    gw_target_role role;
    gw_object_kind kind;
    const char *name, *on, *others, *sql;
} parts[] = {
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_COLUMN, "n", "st_t", "ADD COLUMN m int FIRST, DROP COLUMN c", "ADD n int"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_COLUMN, "`nä'w`", "`st_t`", "ADD COLUMN n int", "ADD `nä'w` int FIRST"},
    {BOTH, GW_TARGET_DROPPED, GW_OBJECT_COLUMN, "C", "st_t", "ADD COLUMN m int FIRST, ADD INDEX (c(3))",
     "DROP COLUMN c"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_COLUMN, "b", "st_t", "ADD COLUMN m int FIRST, DROP INDEX ub",
     "MODIFY b varchar(51) DEFAULT 'x' COMMENT 'q'"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_COLUMN, "st_t.b", "st_t", "COMMENT = 'm'", "ALTER b SET DEFAULT 'y'"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_COLUMN, "b", "st_t", "COLLATE utf8mb4_bin",
     "MODIFY b varchar(50) DEFAULT 'x' COMMENT 'r'"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_COLUMN, "g", "st_t", "DROP COLUMN c",
     "DROP COLUMN g, ADD COLUMN g int AS (e + 1) STORED"},
    {MARIADB, GW_TARGET_CHANGED, GW_OBJECT_COLUMN, "a", "st_t", "ADD COLUMN m int CHECK (m > 1)",
     "MODIFY a int CHECK (a > 1)"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_INDEX, "k", "st_t", "ADD INDEX m (e)", "ADD INDEX k (e)"},
    {BOTH, GW_TARGET_DROPPED, GW_OBJECT_INDEX, "PRIMARY", "st_p", "ADD INDEX m (b)", "DROP PRIMARY KEY"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_INDEX, "PRIMARY", "st_p", "ADD INDEX m (b)",
     "DROP PRIMARY KEY, ADD PRIMARY KEY (id, x)"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_INDEX, "(e)", "st_t", "ADD INDEX (e, id), ADD UNIQUE (b, e)", "ADD INDEX (e)"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_INDEX, "(`c`(7), E desc)", "st_t", "ADD INDEX (c(5)), ADD INDEX m (e, c(5))",
     "ADD INDEX (c(7), e)"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_OPTION, "engine", "st_p", "ADD COLUMN m int, COMMENT = 'm'", "ENGINE = MyISAM"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_OPTION, "comment", "st_t", "ADD COLUMN m int, COLLATE utf8mb4_bin",
     "COMMENT 'new'"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_OPTION, "collation", "st_t", "ADD COLUMN m int, COMMENT = 'm'",
     "COLLATE utf8mb4_bin"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_OPTION, "character set", "st_t", "COMMENT = 'm', DROP FOREIGN KEY st_fk",
     "CONVERT TO CHARACTER SET latin1"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_OPTION, "options", "st_t", "ADD COLUMN m int, COMMENT = 'm'",
     "ROW_FORMAT = REDUNDANT"},
    {MARIADB, GW_TARGET_CHANGED, GW_OBJECT_OPTION, "versioning", "st_p", "ADD COLUMN m int", "ADD SYSTEM VERSIONING"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_FOREIGN_KEY, "fk", "st_t",
     "ADD CONSTRAINT m FOREIGN KEY (a) REFERENCES st_parent (b), ADD INDEX fk (c(3)), ADD CONSTRAINT n CHECK (a > 1)",
     "ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES st_parent (a)"},
    {BOTH, GW_TARGET_DROPPED, GW_OBJECT_FOREIGN_KEY, "st_fk", "st_t",
     "ADD CONSTRAINT m FOREIGN KEY (a) REFERENCES st_parent (b)", "DROP FOREIGN KEY st_fk"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_FOREIGN_KEY, "(a)", "st_p", "ADD INDEX (a, b), ADD UNIQUE (a, id)",
     "ADD FOREIGN KEY (a) REFERENCES st_parent (b)"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_CHECK, "ck", "st_t", "ADD CONSTRAINT m CHECK (a > 1), ADD COLUMN ck int",
     "ADD CONSTRAINT ck CHECK (a > 2)"},
    {MYSQL, GW_TARGET_CHANGED, GW_OBJECT_CHECK, "st_ck", "st_t", "ADD CHECK (a > 1)", "ALTER CHECK st_ck NOT ENFORCED"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_CHECK, "", "st_t", "ADD COLUMN m int, ADD INDEX (e)", "ADD CHECK (a > 2)"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_INDEX, "", "st_t", "ADD COLUMN m int, DROP CHECK st_ck", "ADD INDEX (e)"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_FOREIGN_KEY, "", "st_t", "ADD COLUMN m int, ADD UNIQUE (a)",
     "ADD FOREIGN KEY (a) REFERENCES st_parent (b)"},
    {BOTH, GW_TARGET_DROPPED, GW_OBJECT_CONSTRAINT, "st_ck", "st_t", "ADD CHECK (a > 1), DROP FOREIGN KEY st_fk",
     "DROP CONSTRAINT st_ck"},
    {BOTH, GW_TARGET_DROPPED, GW_OBJECT_CONSTRAINT, "st_fk", "st_t", "ADD CHECK (a > 1)", "DROP CONSTRAINT st_fk"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_CONSTRAINT, "st_ck", "st_t", "ADD CHECK (a > 1)",
     "DROP CONSTRAINT st_ck;;ALTER TABLE st_t ADD CONSTRAINT st_ck CHECK (e > 7)"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_FOREIGN_KEY, "st_fk", "st_t", "ADD CHECK (a > 1)",
     "DROP FOREIGN KEY st_fk;;ALTER TABLE st_t ADD CONSTRAINT st_fk FOREIGN KEY (a) REFERENCES st_parent (a) ON DELETE "
     "CASCADE"},
    {BOTH, GW_TARGET_CREATED, GW_OBJECT_PARTITION, "p3", "st_parted",
     "ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))", "ADD PARTITION (PARTITION p3 VALUES LESS THAN (40))"},
    {BOTH, GW_TARGET_DROPPED, GW_OBJECT_PARTITION, "P1", "st_parted",
     "ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))", "DROP PARTITION p1"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_PARTITION, "p1", "st_parted", "DROP PARTITION p0",
     "REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (25))"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_PARTITION, "", "st_p", "ADD COLUMN m int",
     "PARTITION BY HASH (id) PARTITIONS 3"},
    {BOTH, GW_TARGET_CHANGED, GW_OBJECT_PARTITION, "", "st_parted", "ADD COLUMN m int", "REMOVE PARTITIONING"},
};

static void
alter(fixture *fx, const char *table, const char *sql)
{
    if (is_mariadb(fx) && strstr(sql, "DROP CHECK") != NULL)
        sql = "ADD COLUMN m int"; /* that is DROP CONSTRAINT there */
    run_all(fx, gw_printf(fx->arena, "ALTER TABLE %s %s", table, sql));
}

static void
tells_a_part_of_a_table_whatever_becomes_of_the_others(void **state)
{
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].where == (is_mariadb(fx) ? MYSQL : MARIADB))
            continue;
        const gw_target t = target_of(parts[i].role, parts[i].kind, parts[i].name, parts[i].on);
        exec(fx->conn, drop_tables);
        run_all(fx, make_tables);
        const char *const before = state_now(fx, t);
        const bool is_absent = strcmp(before, "absent") == 0;
        alter(fx, parts[i].on, parts[i].others);
        if (strcmp(before, state_now(fx, t)) != 0)
            fail_msg("%s changed by %s", parts[i].name, parts[i].others);
        alter(fx, parts[i].on, parts[i].sql);
        const char *const now = state_now(fx, t);
        if (strcmp(before, now) == 0)
            fail_msg("%s unchanged by %s", parts[i].name, parts[i].sql);
        if (is_absent && parts[i].role != GW_TARGET_CREATED)
            fail_msg("%s was not found", parts[i].name);
        if ((strcmp(now, "absent") == 0) != (parts[i].role == GW_TARGET_DROPPED))
            fail_msg("%s after %s: %s", parts[i].name, parts[i].sql, now);
    }
    exec(fx->conn, drop_tables);
}

/* It is one of the two whether or not the table is there. */
static void
finds_no_part_of_a_table_that_is_not_there(void **state)
{
    fixture *const fx = *state;
    exec(fx->conn, drop_tables);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_string_equal(state_now(fx, target_of(parts[i].role, parts[i].kind, parts[i].name, parts[i].on)),
                            "absent");
}

/* ---- the other kinds of objects ---- */

/* Is created, stays what it is when nothing happens, changes and goes. `change` NULL: nobody can tell, or it does not. */
static const struct {
    int where;
    gw_object_kind kind;
    const char *name, *on, *before, *create, *change, *drop;
} lives[] = {
    {BOTH, GW_OBJECT_TABLE, "st_o", NULL, NULL, "CREATE TABLE st_o (a int)", "ALTER TABLE st_o ADD b int",
     "DROP TABLE st_o"},
    {BOTH, GW_OBJECT_TABLE, "st_o", NULL, "CREATE TABLE st_b (a int)", "CREATE TABLE st_o LIKE st_b",
     "ALTER TABLE st_o DROP a, ADD b int", "RENAME TABLE st_o TO st_c"},
    {BOTH, GW_OBJECT_VIEW, "st_o", NULL, NULL, "CREATE VIEW st_o AS SELECT 1 AS a", "ALTER VIEW st_o AS SELECT 1 AS b",
     "DROP VIEW st_o"},
    {BOTH, GW_OBJECT_VIEW, "st_o", NULL, NULL, "CREATE VIEW st_o (a) AS SELECT 1", "ALTER VIEW st_o (b) AS SELECT 1",
     "DROP VIEW st_o"},
    {BOTH, GW_OBJECT_VIEW, "st_o", NULL, NULL, "CREATE VIEW st_o AS SELECT 1 AS a",
     "ALTER SQL SECURITY INVOKER VIEW st_o AS SELECT 1 AS a", "DROP VIEW st_o"},
    {BOTH, GW_OBJECT_VIEW, "st_o", NULL, "CREATE TABLE st_b (a int)", "CREATE VIEW st_o AS SELECT a FROM st_b",
     "ALTER VIEW st_o AS SELECT a FROM st_b WHERE a > 0 WITH CHECK OPTION", "DROP VIEW st_o"},
    {BOTH, GW_OBJECT_INDEX, "k", "st_b", "CREATE TABLE st_b (a int, b int)", "CREATE INDEX k ON st_b (a)",
     "ALTER TABLE st_b DROP INDEX k, ADD UNIQUE k (a, b)", "DROP INDEX k ON st_b"},
    {BOTH, GW_OBJECT_INDEX, "`K`", "st_b", "CREATE TABLE st_b (a int, b int)", "CREATE INDEX k ON st_b (a)",
     "ALTER TABLE st_b DROP INDEX k, ADD INDEX k (a) COMMENT 'c'", "ALTER TABLE st_b RENAME INDEX k TO k2"},
    {BOTH, GW_OBJECT_TRIGGER, "st_o", "st_b", "CREATE TABLE st_b (a int)",
     "CREATE TRIGGER st_o BEFORE INSERT ON st_b FOR EACH ROW SET NEW.a = 1", NULL, "DROP TRIGGER st_o"},
    {BOTH, GW_OBJECT_TRIGGER, "st_o", NULL, "CREATE TABLE st_b (a int)",
     "CREATE TRIGGER st_o BEFORE INSERT ON st_b FOR EACH ROW SET NEW.a = 1", NULL, "DROP TRIGGER st_o"},
    {MARIADB, GW_OBJECT_TRIGGER, "st_o", "st_b", "CREATE TABLE st_b (a int)",
     "CREATE TRIGGER st_o BEFORE INSERT ON st_b FOR EACH ROW SET NEW.a = 1",
     "CREATE OR REPLACE TRIGGER st_o BEFORE INSERT ON st_b FOR EACH ROW SET NEW.a = 2", "DROP TRIGGER st_o"},
    {BOTH, GW_OBJECT_PROCEDURE, "st_o", NULL, NULL, "CREATE PROCEDURE st_o (IN x int) SELECT x",
     "ALTER PROCEDURE st_o COMMENT 'c'", "DROP PROCEDURE st_o"},
    {BOTH, GW_OBJECT_PROCEDURE, "`ST_o`", NULL, "CREATE FUNCTION st_o () RETURNS int DETERMINISTIC RETURN 1",
     "CREATE PROCEDURE st_o () SELECT 1", "ALTER PROCEDURE st_o SQL SECURITY INVOKER", "DROP PROCEDURE st_o"},
    {BOTH, GW_OBJECT_FUNCTION, "st_o", NULL, NULL, "CREATE FUNCTION st_o (x int) RETURNS int DETERMINISTIC RETURN 1",
     "ALTER FUNCTION st_o MODIFIES SQL DATA", "DROP FUNCTION st_o"},
    {MARIADB, GW_OBJECT_FUNCTION, "st_o", NULL, NULL, "CREATE FUNCTION st_o () RETURNS int DETERMINISTIC RETURN 1",
     "CREATE OR REPLACE FUNCTION st_o () RETURNS int DETERMINISTIC RETURN 2", "DROP FUNCTION st_o"},
    {BOTH, GW_OBJECT_EVENT, "st_o", NULL, NULL, "CREATE EVENT st_o ON SCHEDULE EVERY 1 DAY DO SELECT 1",
     "ALTER EVENT st_o ON SCHEDULE EVERY 2 DAY", "DROP EVENT st_o"},
    {BOTH, GW_OBJECT_EVENT, "st_o", NULL, NULL, "CREATE EVENT st_o ON SCHEDULE EVERY 1 DAY DO SELECT 1",
     "ALTER EVENT st_o DISABLE", "DROP EVENT st_o"},
    {BOTH, GW_OBJECT_DATABASE, "st_other", NULL, NULL, "CREATE DATABASE st_other CHARACTER SET latin1",
     "ALTER DATABASE st_other CHARACTER SET utf8mb4", "DROP DATABASE st_other"},
    {MYSQL, GW_OBJECT_SCHEMA, "st_other", NULL, NULL, "CREATE SCHEMA st_other", "ALTER SCHEMA st_other READ ONLY = 1",
     "ALTER SCHEMA st_other READ ONLY = 0;;DROP SCHEMA st_other"},
    {MARIADB, GW_OBJECT_SCHEMA, "st_other", NULL, NULL, "CREATE SCHEMA st_other", "ALTER SCHEMA st_other COMMENT 'c'",
     "DROP SCHEMA st_other"},
    {MARIADB, GW_OBJECT_SEQUENCE, "st_o", NULL, NULL, "CREATE SEQUENCE st_o", NULL, "DROP SEQUENCE st_o"},
    {BOTH, GW_OBJECT_ROLE, "st_u", NULL, NULL, "CREATE USER st_u", NULL, "DROP USER st_u"},
    {BOTH, GW_OBJECT_ROLE, "'st_u'@'10.0.%'", NULL, "CREATE USER st_u", "CREATE USER 'st_u'@'10.0.%'", NULL,
     "DROP USER 'st_u'@'10.0.%'"},
    {BOTH, GW_OBJECT_ROLE, "st_u@localhost", NULL, NULL, "CREATE USER st_u@localhost", NULL,
     "RENAME USER st_u@localhost TO 'st_u'@'10.0.%'"},
    {BOTH, GW_OBJECT_ROLE, "`st_u` @ `localhost`", NULL, NULL, "CREATE USER st_u@localhost", NULL,
     "DROP USER st_u@localhost"},
    {BOTH, GW_OBJECT_SERVER, "st_s", NULL, NULL,
     "CREATE SERVER st_s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')", NULL, "DROP SERVER st_s"},
    {MYSQL, GW_OBJECT_TABLESPACE, "st_ts", NULL, NULL, "CREATE TABLESPACE st_ts ADD DATAFILE 'st_ts.ibd'", NULL,
     "DROP TABLESPACE st_ts"},
    {BOTH, GW_OBJECT_ROLE, "st_u", NULL, NULL, "CREATE ROLE st_u", NULL, "DROP ROLE st_u"},
};

static void
clear_away(fixture *fx)
{
    run_all(fx, "DROP VIEW IF EXISTS st_o;;DROP TABLE IF EXISTS st_o, st_b, st_c;;DROP PROCEDURE IF EXISTS st_o;;"
                "DROP FUNCTION IF EXISTS st_o;;DROP EVENT IF EXISTS st_o;;DROP DATABASE IF EXISTS st_other;;"
                "DROP SERVER IF EXISTS st_s;;DROP ROLE IF EXISTS st_u;;DROP USER IF EXISTS st_u, st_u@localhost, "
                "'st_u'@'10.0.%'");
    gw_err none = {0};
    if (is_mariadb(fx))
        exec(fx->conn, "DROP SEQUENCE IF EXISTS st_o");
    else if (try_exec(fx->conn, "DROP TABLESPACE st_ts", &none) == GODWIT_OK)
        print_message("# a table space was left behind\n");
}

/* One of `lives`, when it is there or not. */
static void
look_for(fixture *fx, size_t i, bool is_there, const char *after)
{
    for (gw_target_role role = GW_TARGET_CREATED; role <= GW_TARGET_DROPPED; role++) {
        const gw_target t = target_of(role, lives[i].kind, lives[i].name, lives[i].on);
        if (role == GW_TARGET_CHANGED && gw_mysql.state(fx->arena, fx->conn, &t) == NULL)
            continue;
        const char *const state = state_now(fx, t);
        if ((strcmp(state, "absent") != 0) != is_there || strcmp(state, state_now(fx, t)) != 0)
            fail_msg("%s, role %d: '%s'", after, (int)role, state);
    }
}

static void
live(fixture *fx, size_t i)
{
    const gw_target changed = target_of(GW_TARGET_CHANGED, lives[i].kind, lives[i].name, lives[i].on);
    clear_away(fx);
    if (lives[i].before != NULL)
        run_all(fx, lives[i].before);
    look_for(fx, i, false, "before it all");
    run_all(fx, lives[i].create);
    look_for(fx, i, true, lives[i].create);
    if (lives[i].change != NULL) {
        const char *const before = state_now(fx, changed);
        run_all(fx, lives[i].change);
        look_for(fx, i, true, lives[i].change);
        if (strcmp(before, state_now(fx, changed)) == 0)
            fail_msg("unchanged by %s", lives[i].change);
    }
    run_all(fx, lives[i].drop);
    look_for(fx, i, false, lives[i].drop);
}

static void
tells_an_object_from_none_and_from_what_it_was(void **state)
{
    fixture *const fx = *state;
    for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++)
        if (lives[i].where != (is_mariadb(fx) ? MYSQL : MARIADB))
            live(fx, i);
    clear_away(fx);
}

static void
tells_a_dropped_table_from_another_that_came_after_it(void **state)
{
    fixture *const fx = *state;
    const gw_target t = target_of(GW_TARGET_DROPPED, GW_OBJECT_TABLE, "st_o", NULL);
    clear_away(fx);
    exec(fx->conn, "CREATE TABLE st_o (a int)");
    const char *const before = state_now(fx, t);
    run_all(fx, "DROP TABLE st_o;;CREATE TABLE st_o (a int, b int)");
    assert_string_not_equal(before, state_now(fx, t));
    clear_away(fx);
}

static void
says_when_nobody_can_tell(void **state)
{
    fixture *const fx = *state;
    static const struct {
        gw_target_role role;
        gw_object_kind kind;
        const char *name, *on;
    } cases[] = {
        {GW_TARGET_CREATED, GW_OBJECT_OTHER, "s", NULL},
        {GW_TARGET_CHANGED, GW_OBJECT_SEQUENCE, "s", NULL},
        {GW_TARGET_CHANGED, GW_OBJECT_ROLE, "u", NULL},
        {GW_TARGET_CREATED, GW_OBJECT_TABLE, "", NULL},
        {GW_TARGET_CREATED, GW_OBJECT_TABLE, "a.b.c", NULL},
        {GW_TARGET_CREATED, GW_OBJECT_INDEX, "k", NULL},
        {GW_TARGET_DROPPED, GW_OBJECT_INDEX, "", "st_b"},
        {GW_TARGET_CREATED, GW_OBJECT_INDEX, "(a + b)", "st_b"},
        {GW_TARGET_CREATED, GW_OBJECT_INDEX, "(a)", "x.y.st_b"},
        {GW_TARGET_CREATED, GW_OBJECT_CHECK, "(a)", "st_b"},
        {GW_TARGET_CREATED, GW_OBJECT_COLUMN, "a", NULL},
        {GW_TARGET_CREATED, GW_OBJECT_COLUMN, "", "st_b"},
        {GW_TARGET_CHANGED, GW_OBJECT_OPTION, "colour", "st_b"},
        {GW_TARGET_CHANGED, GW_OBJECT_OPTION, "engine", ""},
        {GW_TARGET_CREATED, GW_OBJECT_LABEL, "'x'", "st_b"},
        {GW_TARGET_CREATED, GW_OBJECT_EXTENSION, "x", NULL},
        {GW_TARGET_DROPPED, GW_OBJECT_ROLE, "current_user", NULL},
        {GW_TARGET_CHANGED, GW_OBJECT_TABLESPACE, "s", NULL},
        {GW_TARGET_CREATED, GW_OBJECT_SERVER, "a.b", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const gw_target t = target_of(cases[i].role, cases[i].kind, cases[i].name, cases[i].on);
        assert_null(gw_mysql.state(fx->arena, fx->conn, &t));
    }
}

/* Who there is, is for administrators. */
static void
tells_nothing_of_users_to_one_who_may_not_know_them(void **state)
{
    fixture *const fx = *state;
    gw_conn *humble = NULL;
    gw_err e = {0};
    gw_url url = fx->url;
    clear_away(fx);
    run_all(fx, "CREATE USER st_u IDENTIFIED BY 'pw';;CREATE TABLE st_o (a int)");
    exec(fx->conn, gw_printf(fx->arena, "GRANT ALL ON `%s`.* TO st_u", fx->conn->facts.database));
    url.user = "st_u";
    url.password = "pw";
    ok(tested->open(fx->arena, &(gw_open_params){.url = &url, .connect_timeout_ms = 2000}, &humble, &e), &e);
    const gw_target user = target_of(GW_TARGET_CREATED, GW_OBJECT_ROLE, "st_u", NULL);
    const gw_target table = target_of(GW_TARGET_CREATED, GW_OBJECT_TABLE, "st_o", NULL);
    assert_null(gw_mysql.state(fx->arena, humble, &user));
    const char *const expression = gw_mysql.state(fx->arena, humble, &table);
    assert_string_equal(ask(fx, humble, gw_printf(fx->arena, "SELECT %s", expression), NULL), "there");
    clear_away(fx);
}

/* ---- names ---- */

static void
finds_objects_by_any_name(void **state)
{
    fixture *const fx = *state;
    static const char *const names[] = {
        "st_o",     "`st_o`",  "`st o`",     "`st'o`",        "`st``o`",           "`st\\o`",         "`{table}$1`",
        "`stä名o`", "`st\"o`", "`St_Upper`", "st_other.st_o", "`st_other`.`st o`", "st_other . `ä'`",
    };
    clear_away(fx);
    exec(fx->conn, "CREATE DATABASE st_other");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const gw_target created = target_of(GW_TARGET_CREATED, GW_OBJECT_TABLE, names[i], NULL);
        const gw_target changed = target_of(GW_TARGET_CHANGED, GW_OBJECT_TABLE, names[i], NULL);
        const gw_target index = target_of(GW_TARGET_CREATED, GW_OBJECT_INDEX, "`k'ä`", names[i]);
        assert_string_equal(state_now(fx, created), "absent");
        exec(fx->conn, gw_printf(fx->arena, "CREATE TABLE %s (a int)", names[i]));
        assert_string_equal(state_now(fx, created), "there");
        const char *const before = state_now(fx, changed);
        assert_string_equal(state_now(fx, index), "absent");
        exec(fx->conn, gw_printf(fx->arena, "CREATE INDEX `k'ä` ON %s (a)", names[i]));
        assert_string_not_equal(state_now(fx, index), "absent");
        assert_string_not_equal(state_now(fx, changed), before);
        exec(fx->conn, gw_printf(fx->arena, "DROP TABLE %s", names[i]));
    }
    clear_away(fx);
}

/* Where nothing can have been in its place; else all of it tells. */
static void
asks_of_an_index_that_is_to_be_only_whether_it_is_there(void **state)
{
    fixture *const fx = *state;
    gw_target index = target_of(GW_TARGET_CREATED, GW_OBJECT_INDEX, "st_Index", "st_o");
    static const char *const texts[] = {
        "CREATE INDEX st_index ON st_o (a)", "CREATE UNIQUE INDEX ST_INDEX ON st_o (a, b)",
        "CREATE FULLTEXT INDEX st_index ON st_o (c)", "ALTER TABLE st_o ADD CONSTRAINT st_index UNIQUE KEY (b)"};
    clear_away(fx);
    exec(fx->conn, "CREATE TABLE st_o (a int, b int, c text) ENGINE = InnoDB");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        index.lenient = index.vague = false;
        assert_string_equal(state_now(fx, index), "absent");
        exec(fx->conn, texts[i]);
        assert_string_equal(state_now(fx, index), "there");
        index.lenient = true;
        assert_string_not_equal(state_now(fx, index), "there");
        index.lenient = false;
        index.vague = true;
        assert_string_not_equal(state_now(fx, index), "there");
        exec(fx->conn, "DROP INDEX st_index ON st_o");
    }
    clear_away(fx);
}

/* lower_case_table_names says whether those are one table. */
static void
takes_names_in_another_case_for_what_the_server_takes_them(void **state)
{
    fixture *const fx = *state;
    static const char *const names[] = {"st_O", "ST_other.st_o", "`ST_OTHER`.`St_O`"};
    clear_away(fx);
    run_all(fx, "CREATE DATABASE st_other;;CREATE TABLE st_o (a int);;CREATE TABLE st_other.st_o (a int)");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (gw_target_role role = GW_TARGET_CREATED; role <= GW_TARGET_DROPPED; role++) {
            gw_err e = {0};
            const gw_target t = target_of(role, GW_OBJECT_TABLE, names[i], NULL);
            const bool is_found =
                try_exec(fx->conn, gw_printf(fx->arena, "SELECT * FROM %s", names[i]), &e) == GODWIT_OK;
            assert_int_equal(strcmp(state_now(fx, t), "absent") != 0, is_found);
        }
    clear_away(fx);
}

static void
looks_where_bare_names_lead_when_it_is_asked(void **state)
{
    fixture *const fx = *state;
    const gw_target created = target_of(GW_TARGET_CREATED, GW_OBJECT_TABLE, "st_o", NULL);
    const gw_target altered = target_of(GW_TARGET_CHANGED, GW_OBJECT_DATABASE, "", NULL);
    clear_away(fx);
    run_all(fx, "CREATE DATABASE st_other CHARACTER SET utf16;;CREATE TABLE st_other.st_o (a int)");
    assert_string_equal(state_now(fx, created), "absent");
    const char *const here = state_now(fx, altered);
    exec(fx->conn, "USE st_other");
    assert_string_equal(state_now(fx, created), "there");
    assert_string_not_equal(state_now(fx, altered), here);
    reset(fx->conn);
    clear_away(fx);
}

/* ---- within the history ---- */

static void
fits_into_the_history_in_any_session(void **state)
{
    fixture *const fx = *state;
    static const char *const sessions[] = {
        "SET SESSION sql_mode = ''",
        "SET SESSION sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY'",
        "SET SESSION sql_mode = 'TRADITIONAL,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,IGNORE_SPACE'",
        "SET NAMES latin1",
        "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
        "SET NAMES binary",
        "SET SESSION character_set_connection = utf16",
        "SET SESSION div_precision_increment = 0",
    };
    clear_away(fx);
    run_all(fx, "CREATE TABLE st_b (id int PRIMARY KEY, f text) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;;"
                "CREATE TABLE st_o (a int, KEY (a), CONSTRAINT st_ck CHECK (a > 1))");
    const gw_target there = target_of(GW_TARGET_CREATED, GW_OBJECT_TABLE, "st_o", NULL);
    const gw_target table = target_of(GW_TARGET_CHANGED, GW_OBJECT_TABLE, "st_o", NULL);
    const gw_target routine = target_of(GW_TARGET_CHANGED, GW_OBJECT_PROCEDURE, "`stä`", NULL);
    const gw_target user = target_of(GW_TARGET_DROPPED, GW_OBJECT_ROLE, "'stä'@'%'", NULL);
    static const struct {
        gw_target_role role;
        gw_object_kind kind;
        const char *name;
    } own[] = {
        {GW_TARGET_DROPPED, GW_OBJECT_COLUMN, "a"},         {GW_TARGET_CREATED, GW_OBJECT_INDEX, "(a)"},
        {GW_TARGET_CREATED, GW_OBJECT_INDEX, ""},           {GW_TARGET_CHANGED, GW_OBJECT_OPTION, "character set"},
        {GW_TARGET_CREATED, GW_OBJECT_CONSTRAINT, "st_ck"}, {GW_TARGET_CREATED, GW_OBJECT_FOREIGN_KEY, "(a, `ä`)"},
        {GW_TARGET_CREATED, GW_OBJECT_CHECK, ""},           {GW_TARGET_CHANGED, GW_OBJECT_PARTITION, ""},
        {GW_TARGET_CREATED, GW_OBJECT_PARTITION, "`ä`"},
    };
    gw_buf all = gw_buf_new(fx->arena), are = gw_buf_new(fx->arena);
    gw_buf_printf(&all, "%s, %s, %s, %s", gw_mysql.state(fx->arena, fx->conn, &there),
                  gw_mysql.state(fx->arena, fx->conn, &table), gw_mysql.state(fx->arena, fx->conn, &routine),
                  gw_mysql.state(fx->arena, fx->conn, &user));
    gw_buf_printf(&are, "before=there,%s,absent,absent", state_now(fx, table));
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        const gw_target part = target_of(own[i].role, own[i].kind, own[i].name, "st_o");
        gw_buf_printf(&all, ", %s", gw_mysql.state(fx->arena, fx->conn, &part));
        gw_buf_printf(&are, ",%s", state_now(fx, part));
    }
    const char *const states = gw_buf_text(&all);
    const char *const expected = gw_buf_text(&are);
    for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]) + 2; i++) {
        if (i < sizeof(sessions) / sizeof(sessions[0]))
            exec(fx->conn, sessions[i]);
        else if (is_mariadb(fx))
            exec(fx->conn, i % 2 ? "SET SESSION sql_mode = 'ORACLE'" : "SET SESSION sql_mode = 'EMPTY_STRING_IS_NULL'");
        ask(fx, fx->conn,
            gw_printf(fx->arena,
                      "INSERT INTO st_b (id, f) SELECT 1, CONCAT($1, CONCAT_WS(',', %s)) FROM DUAL WHERE 1 = 1",
                      states),
            "before=");
        assert_string_equal(ask(fx, fx->conn, "SELECT f FROM st_b", NULL), expected);
        ask(fx, fx->conn,
            gw_printf(fx->arena, "UPDATE st_b SET f = CONCAT($1, CONCAT_WS(',', %s), '!') WHERE id = 1", states),
            "before=");
        assert_string_equal(ask(fx, fx->conn, "SELECT f FROM st_b", NULL), gw_printf(fx->arena, "%s!", expected));
        exec(fx->conn, "DELETE FROM st_b");
        reset(fx->conn);
    }
    clear_away(fx);
}

static void
locks_nothing_that_a_ddl_statement_needs(void **state)
{
    fixture *const fx = *state;
    gw_conn *const other = open_on(fx, (gw_open_params){.lock_timeout_ms = 1000});
    const gw_target table = target_of(GW_TARGET_CHANGED, GW_OBJECT_TABLE, "st_o", NULL);
    clear_away(fx);
    run_all(
        fx,
        "CREATE TABLE st_b (id int PRIMARY KEY, f text);;CREATE TABLE st_o (a int);;INSERT INTO st_b VALUES (1, '')");
    exec(fx->conn, "START TRANSACTION");
    exec(fx->conn, gw_printf(fx->arena, "UPDATE st_b SET f = %s", gw_mysql.state(fx->arena, fx->conn, &table)));
    exec(other, "ALTER TABLE st_o ADD COLUMN b int");
    exec(other, "DROP TABLE st_o");
    exec(fx->conn, "COMMIT");
    clear_away(fx);
}

/* ---- what a column was to be ---- */

/* Each is another column than those of other groups. */
static const struct {
    int group;
    const char *definition;
} columns[] = {
    {1, "int"},
    {1, "INTEGER(11) DEFAULT 7 COMMENT 'unsigned not null'"},
    {1, "int NULL CHECK (c > 0 AND c IS NOT NULL)"},
    {2, "int NOT NULL"},
    {2, "int NOT NULL AUTO_INCREMENT UNIQUE"},
    {2, "int AUTO_INCREMENT PRIMARY KEY"},
    {3, "int unsigned"},
    {3, "int(5) ZEROFILL"},
    {4, "bigint DEFAULT NULL"},
    {5, "bool"},
    {5, "tinyint(1)"},
    {6, "decimal(10, 2)"},
    {6, "numeric(10,2) DEFAULT 0"},
    {7, "decimal(10)"},
    {8, "varchar(20) CHARACTER SET latin1"},
    {8, "varchar(20) COLLATE utf8mb4_bin DEFAULT 'x'"},
    {8, "varchar(20) CHARACTER SET binary"},
    {9, "varchar(21) DEFAULT (CONCAT('a', 'b'))"},
    {10, "varchar(20) NOT NULL COMMENT 'x'"},
    {11, "datetime(3)"},
    {11, "datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"},
    {12, "enum('a', 'b)') DEFAULT 'a'"},
    {13, "smallint GENERATED ALWAYS AS (k + 1) STORED"},
    {14, "mediumint AS (k + 1) VIRTUAL"},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void
says_of_a_column_that_it_is_certainly_not_what_was_said(void **state)
{
    fixture *const fx = *state;
    for (size_t i = 0; i < COLUMNS; i++) {
        const bool is_key = strstr(columns[i].definition, "PRIMARY") != NULL;
        run_all(fx, gw_printf(fx->arena,
                              "DROP TABLE IF EXISTS st_c;;CREATE TABLE st_c (k int%s);;ALTER TABLE st_c ADD c %s",
                              is_key ? "" : " PRIMARY KEY", columns[i].definition));
        for (size_t j = 0; j < COLUMNS; j++) {
            gw_target t = target_of(GW_TARGET_CHANGED, GW_OBJECT_COLUMN, "c", "st_c");
            const char *const plain = state_now(fx, t);
            t.definition = gw_str_of(columns[j].definition);
            const char *const found = state_now(fx, t);
            const bool is_foreign = gw_str_ends(gw_str_of(found), GW_STATE_FOREIGN);
            assert_true(gw_str_starts(gw_str_of(found), plain));
            assert_int_equal(strlen(found) - strlen(plain), is_foreign);
            if (is_foreign
                    ? columns[i].group == columns[j].group
                    : columns[i].group != columns[j].group && !is_key && strstr(columns[j].definition, "KEY") == NULL)
                fail_msg("'%s' %s '%s'", columns[i].definition, is_foreign ? "is not" : "may be",
                         columns[j].definition);
        }
    }
    exec(fx->conn, "DROP TABLE st_c");
}

/* What depends on the server, or means another type in some session, is no contradiction. */
static void
is_not_certain_of_what_servers_read_in_their_own_way(void **state)
{
    fixture *const fx = *state;
    static const char *const definitions[] = {
        "date",           "text(100)", "float(30)", "char byte", "real",  "json", "serial", "int /*!99999 NOT NULL */",
        "varchar(70000)", "point",     "timestamp", "nchar(3)",  "`int`", "",
    };
    run_all(fx, "DROP TABLE IF EXISTS st_c;;CREATE TABLE st_c (k int PRIMARY KEY, d mediumtext, e int)");
    for (size_t i = 0; i < sizeof(definitions) / sizeof(definitions[0]); i++) {
        const char *const name = strncmp(definitions[i], "int ", 4) == 0 ? "e" : "d";
        gw_target t = target_of(GW_TARGET_CHANGED, GW_OBJECT_COLUMN, name, "st_c");
        t.definition = gw_str_of(definitions[i]);
        if (gw_str_ends(gw_str_of(state_now(fx, t)), GW_STATE_FOREIGN))
            fail_msg("'%s'", definitions[i]);
    }
    exec(fx->conn, "DROP TABLE st_c");
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(says_of_a_column_that_it_is_certainly_not_what_was_said),
    SERVER_TEST(is_not_certain_of_what_servers_read_in_their_own_way),
    SERVER_TEST(tells_a_changed_table_from_what_it_was),
    SERVER_TEST(sees_no_change_where_only_data_or_the_session_changed),
    SERVER_TEST(tells_a_part_of_a_table_whatever_becomes_of_the_others),
    SERVER_TEST(finds_no_part_of_a_table_that_is_not_there),
    SERVER_TEST(tells_an_object_from_none_and_from_what_it_was),
    SERVER_TEST(tells_a_dropped_table_from_another_that_came_after_it),
    SERVER_TEST(says_when_nobody_can_tell),
    SERVER_TEST(tells_nothing_of_users_to_one_who_may_not_know_them),
    SERVER_TEST(finds_objects_by_any_name),
    SERVER_TEST(asks_of_an_index_that_is_to_be_only_whether_it_is_there),
    SERVER_TEST(takes_names_in_another_case_for_what_the_server_takes_them),
    SERVER_TEST(looks_where_bare_names_lead_when_it_is_asked),
    SERVER_TEST(fits_into_the_history_in_any_session),
    SERVER_TEST(locks_nothing_that_a_ddl_statement_needs),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
