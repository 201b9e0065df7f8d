/*
 * tests/contract/postgres_objects_test - what PostgreSQL alone does with objects: their states, what statements that ran CONCURRENTLY
 * leave behind, who blocks whom, and the lease's texts.
 *
 *     GODWIT_TEST_URL=postgres://postgres@127.0.0.1:5432/contract postgres_objects_test
 */
#include <stdio.h>

#include "engine/postgres/postgres.h"
#include "server_fixture.h"

const gw_engine *const tested = &gw_postgres;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
assert_has(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("'%s' lacks '%s'", text == NULL ? "(null)" : text, part);
}

static const char *
one(fixture *fx, const char *sql)
{
    return ask(fx, fx->conn, sql, NULL);
}

/* A schema of the test's own, where bare names lead. */
static void
fresh(fixture *fx)
{
    exec(fx->conn, "SET client_min_messages = warning");
    exec(fx->conn, "DROP SCHEMA IF EXISTS objects, other CASCADE");
    exec(fx->conn, "CREATE SCHEMA objects");
    exec(fx->conn, "SET search_path = objects, public");
    exec(fx->conn, "SET lock_timeout = 0");
    fx->notices.len = 0;
}

static gw_conn *
another(fixture *fx)
{
    gw_conn *const c = open_on(fx, (gw_open_params){0});
    exec(c, "SET search_path = objects, public");
    return c;
}

static int64_t
pid_of(fixture *fx, gw_conn *c)
{
    return strtoll(ask(fx, c, "SELECT pg_backend_pid()", NULL), NULL, 10);
}

/* ---- a statement at the same time ---- */

typedef struct aside {
    gw_conn *conn;
    const char *sql;
    gw_err e;
    pthread_t thread;
} aside;

static void *
run_aside(void *subject)
{
    aside *const s = subject;
    const gw_rc rc = try_exec(s->conn, s->sql, &s->e);
    (void)rc;
    return NULL;
}

static void
start(aside *s)
{
    assert_int_equal(pthread_create(&s->thread, NULL, run_aside, s), 0);
}

static void
join(aside *s)
{
    pthread_join(s->thread, NULL);
}

static void
await(fixture *fx, const char *sql, const char *answer)
{
    for (int i = 0; i < 200; i++, gw_sleep_ms(25))
        if (strcmp(one(fx, sql), answer) == 0)
            return;
    fail_msg("'%s' never answers '%s'", sql, answer);
}

static void
await_waiting(fixture *fx, int64_t pid)
{
    await(fx, gw_printf(fx->arena, "SELECT cardinality(pg_blocking_pids(%lld)) > 0", (long long)pid), "t");
}

/* ---- failures ---- */

static void
tells_which_failures_may_pass(void **state_)
{
    fixture *const fx = *state_;
    static const struct {
        const char *code, *text;
        bool transient, lock_wait;
    } cases[] = {
        {"55P03", "canceling statement due to lock timeout", true, true},
        {"40001", "could not serialize access", true, false},
        {"40P01", "deadlock detected", true, false},
        {"57P01", "terminating connection", true, false},
        {"57P02", "terminating connection", true, false},
        {"57P03", "the database system is starting up", true, false},
        {"08006", "connection failure", true, false},
        {"08007", "transaction resolution unknown", false, false},
        {"08P01", "invalid message format", false, false},
        {"08P01", "query_wait_timeout", true, false},
        {"08P01", "server login has been failing, try again later (server_login_retry)", true, false},
        {"25006", "cannot execute CREATE TABLE in a read-only transaction", false, false},
        {"57014", "canceling statement due to statement timeout", false, false},
        {"53100", "could not extend file", false, false},
        {"42P01", "query_wait_timeout", false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        gw_err e = {0};
        const char *const sql = gw_printf(fx->arena, "DO $$ BEGIN RAISE EXCEPTION '%s' USING errcode = '%s'; END $$",
                                          cases[i].text, cases[i].code);
        assert_int_equal(try_exec(fx->conn, sql, &e), GODWIT_FAILED);
        assert_string_equal(e.code, cases[i].code);
        if (e.transient != cases[i].transient || e.lock_wait != cases[i].lock_wait)
            fail_msg("[%s] %s: transient %d, lock_wait %d", cases[i].code, cases[i].text, e.transient, e.lock_wait);
    }
}

/* ---- states ---- */

static const char *
state_of(fixture *fx, const gw_target *target)
{
    const char *const text = tested->state(fx->arena, fx->conn, target);
    assert_non_null(text);
    const char *const state = one(fx, gw_printf(fx->arena, "SELECT %s", text));
    assert_true(strlen(state) > 0 && strspn(state, "0123456789abcdefghijklmnopqrstuvwxyz") == strlen(state));
    return state;
}

static const char *
state(fixture *fx, gw_object_kind kind, const char *name, const char *on)
{
    return state_of(
        fx, &(gw_target){.role = GW_TARGET_CHANGED, .kind = kind, .name = gw_str_of(name), .on = gw_str_of(on)});
}

static const char *
index_state(fixture *fx, gw_target_role role, const char *name)
{
    return state_of(fx, &(gw_target){.role = role,
                                     .kind = GW_OBJECT_INDEX,
                                     .name = gw_str_of(name),
                                     .on = gw_str_of(role == GW_TARGET_DROPPED ? NULL : "t")});
}

/* A failed CREATE INDEX CONCURRENTLY: `values` are not unique. */
static void
leave_invalid(fixture *fx, const char *sql)
{
    gw_err e = {0};
    assert_int_equal(try_exec(fx->conn, sql, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "23505");
}

static void
twins(fixture *fx)
{
    exec(fx->conn, "CREATE TABLE t (id int PRIMARY KEY, a int, b text)");
    exec(fx->conn, "INSERT INTO t VALUES (1, 7, 'x'), (2, 7, 'y')");
}

static void
takes_an_unfinished_index_for_one_that_is_not_created_and_not_dropped(void **s)
{
    fixture *const fx = *s;
    fresh(fx);
    twins(fx);
    assert_string_equal(index_state(fx, GW_TARGET_CREATED, "i"), "absent");
    assert_string_equal(index_state(fx, GW_TARGET_DROPPED, "i"), "absent");
    leave_invalid(fx, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)");
    assert_string_equal(index_state(fx, GW_TARGET_CREATED, "i"), "absent");
    assert_string_not_equal(index_state(fx, GW_TARGET_CHANGED, "i"), "absent");
    const char *const there = index_state(fx, GW_TARGET_DROPPED, "i");
    assert_string_not_equal(there, "absent");
    exec(fx->conn, "UPDATE pg_index SET indisready = false WHERE indexrelid = 'i'::regclass"); /* half dropped */
    assert_string_equal(index_state(fx, GW_TARGET_DROPPED, "i"), there);
    exec(fx->conn, "DROP INDEX CONCURRENTLY i");
    assert_string_equal(index_state(fx, GW_TARGET_DROPPED, "i"), "absent");
    exec(fx->conn, "CREATE INDEX CONCURRENTLY i ON t (a)");
    assert_string_not_equal(index_state(fx, GW_TARGET_CREATED, "i"), "absent");
}

static void
looks_for_an_index_where_its_table_is(void **s)
{
    fixture *const fx = *s;
    fresh(fx);
    exec(fx->conn, "CREATE TABLE t (a int)");
    exec(fx->conn, "CREATE TABLE u (a int)");
    exec(fx->conn, "CREATE INDEX i ON t (a)");
    exec(fx->conn, "SET search_path = pg_temp");
    const gw_target on_t = {.kind = GW_OBJECT_INDEX, .name = gw_str_of("I"), .on = gw_str_of("Objects.\"t\"")};
    const gw_target on_u = {.kind = GW_OBJECT_INDEX, .name = gw_str_of("i"), .on = gw_str_of("objects.u")};
    assert_string_not_equal(state_of(fx, &on_t), "absent");
    assert_string_equal(state_of(fx, &on_u), "absent");
}

static void
tells_that_an_index_whose_name_the_server_chose_was_finished(void **s)
{
    fixture *const fx = *s;
    fresh(fx);
    twins(fx);
    const gw_target target = {.role = GW_TARGET_CREATED, .kind = GW_OBJECT_INDEX, .on = gw_str_of("t")};
    const char *const before = state_of(fx, &target);
    leave_invalid(fx, "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)");
    assert_string_equal(state_of(fx, &target), before);
    exec(fx->conn, "CREATE INDEX CONCURRENTLY ON t (a)");
    assert_string_not_equal(state_of(fx, &target), before);
}

typedef struct step {
    gw_object_kind kind;
    const char *name, *on, *sql;
} step;

/* In order; each changes the object. */
static const step changes[] = {
    {GW_OBJECT_TABLE, "t", NULL, "CREATE TABLE t (a int)"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ADD COLUMN b text"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 5"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ALTER COLUMN c SET DEFAULT 6"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ALTER COLUMN c DROP NOT NULL"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ALTER COLUMN a TYPE bigint"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ALTER COLUMN a SET STATISTICS 500"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ALTER COLUMN b SET STORAGE external"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t RENAME COLUMN b TO d"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t VALIDATE CONSTRAINT k"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t RENAME CONSTRAINT k TO l"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ADD PRIMARY KEY (a)"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES t"},
    {GW_OBJECT_TABLE, "t", NULL, "CREATE INDEX i ON t (c)"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER INDEX i RENAME TO j"},
    {GW_OBJECT_INDEX, "j", NULL, "ALTER INDEX j SET (fillfactor = 70)"},
    {GW_OBJECT_INDEX, "i", NULL, "ALTER INDEX j RENAME TO i"},
    {GW_OBJECT_INDEX, "i", "t", "COMMENT ON INDEX i IS 'it'"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t SET (autovacuum_enabled = off)"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t ENABLE ROW LEVEL SECURITY"},
    {GW_OBJECT_TABLE, "t", NULL, "CREATE POLICY p ON t USING (a > 1)"},
    {GW_OBJECT_POLICY, "p", "t", "ALTER POLICY p ON t USING (a > 2)"},
    {GW_OBJECT_TABLE, "t", NULL, "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING"},
    {GW_OBJECT_RULE, "r", "t", "CREATE OR REPLACE RULE r AS ON DELETE TO t DO ALSO SELECT 1"},
    {GW_OBJECT_TABLE, "t", NULL, "CREATE STATISTICS st ON a, c FROM t"},
    {GW_OBJECT_TABLE, "t", NULL, "COMMENT ON TABLE t IS 'x'"},
    {GW_OBJECT_TABLE, "t", NULL, "GRANT SELECT ON t TO public"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t REPLICA IDENTITY FULL"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t SET UNLOGGED"},
    {GW_OBJECT_TABLE, "t", NULL, "ALTER TABLE t DROP COLUMN d"},
    {GW_OBJECT_FUNCTION, "f", NULL, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'"},
    {GW_OBJECT_FUNCTION, "f", NULL, "CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin end'"},
    {GW_OBJECT_FUNCTION, "f", NULL, "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'select 1'"},
    {GW_OBJECT_FUNCTION, "f", NULL, "ALTER FUNCTION f(int) STABLE"},
    {GW_OBJECT_PROCEDURE, "pr", NULL, "CREATE PROCEDURE pr() LANGUAGE sql AS 'select 1'"},
    {GW_OBJECT_AGGREGATE, "ag", NULL, "CREATE AGGREGATE ag(int) (sfunc = int4pl, stype = int)"},
    {GW_OBJECT_TRIGGER, "tr", "t", "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()"},
    {GW_OBJECT_TRIGGER, "tr", "t", "ALTER TABLE t DISABLE TRIGGER tr"},
    {GW_OBJECT_VIEW, "v", NULL, "CREATE VIEW v AS SELECT a FROM t"},
    {GW_OBJECT_VIEW, "v", NULL, "CREATE OR REPLACE VIEW v AS SELECT a + 1 AS a FROM t"},
    {GW_OBJECT_MATVIEW, "m", NULL, "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a"},
    {GW_OBJECT_SEQUENCE, "q", NULL, "CREATE SEQUENCE q"},
    {GW_OBJECT_SEQUENCE, "q", NULL, "ALTER SEQUENCE q INCREMENT 5"},
    {GW_OBJECT_TYPE, "mood", NULL, "CREATE TYPE mood AS ENUM ('sad')"},
    {GW_OBJECT_TYPE, "mood", NULL, "ALTER TYPE mood ADD VALUE 'glad'"},
    {GW_OBJECT_TYPE, "mood", NULL, "ALTER TYPE mood RENAME VALUE 'glad' TO 'merry'"},
    {GW_OBJECT_LABEL, "'it''s'", "mood", "ALTER TYPE mood ADD VALUE 'it''s'"},
    {GW_OBJECT_LABEL, "'Merry'", "Objects.mood", "ALTER TYPE mood RENAME VALUE 'merry' TO 'Merry'"},
    {GW_OBJECT_TYPE, "pair", NULL, "CREATE TYPE pair AS (a int)"},
    {GW_OBJECT_TYPE, "pair", NULL, "ALTER TYPE pair ADD ATTRIBUTE b int"},
    {GW_OBJECT_DOMAIN, "d", NULL, "CREATE DOMAIN d AS int"},
    {GW_OBJECT_DOMAIN, "d", NULL, "ALTER DOMAIN d ADD CHECK (value > 0)"},
    {GW_OBJECT_SCHEMA, "other", NULL, "CREATE SCHEMA other"},
    {GW_OBJECT_SCHEMA, "other", NULL, "GRANT USAGE ON SCHEMA other TO public"},
    {GW_OBJECT_SCHEMA, "other", NULL, "DROP SCHEMA other"},
    {GW_OBJECT_TABLE, "pt", NULL, "CREATE TABLE pt (a int) PARTITION BY LIST (a)"},
    {GW_OBJECT_TABLE, "pt", NULL, "CREATE TABLE p1 PARTITION OF pt FOR VALUES IN (1)"},
    {GW_OBJECT_TABLE, "p1", "pt", "ALTER TABLE pt DETACH PARTITION p1"},
    {GW_OBJECT_TABLE, "p1", "pt", "ALTER TABLE pt ATTACH PARTITION p1 FOR VALUES IN (1)"},
    {GW_OBJECT_ROLE, "godwit_objects", NULL, "CREATE ROLE godwit_objects"},
    {GW_OBJECT_ROLE, "godwit_objects", NULL, "ALTER ROLE godwit_objects CREATEDB"},
    {GW_OBJECT_ROLE, "godwit_objects", NULL, "ALTER ROLE godwit_objects SET work_mem = '5MB'"},
    {GW_OBJECT_ROLE, "godwit_objects", NULL, "GRANT pg_monitor TO godwit_objects"},
    {GW_OBJECT_ROLE, "godwit_objects", NULL, "DROP ROLE godwit_objects"},
    {GW_OBJECT_DATABASE, "Godwit Objects", NULL, "CREATE DATABASE \"Godwit Objects\""},
    {GW_OBJECT_DATABASE, "Godwit Objects", NULL, "ALTER DATABASE \"Godwit Objects\" CONNECTION LIMIT 7"},
    {GW_OBJECT_DATABASE, "Godwit Objects", NULL, "ALTER DATABASE \"Godwit Objects\" SET work_mem = '5MB'"},
    {GW_OBJECT_DATABASE, "Godwit Objects", NULL, "COMMENT ON DATABASE \"Godwit Objects\" IS 'x'"},
    {GW_OBJECT_DATABASE, "Godwit Objects", NULL, "DROP DATABASE \"Godwit Objects\""},
    {GW_OBJECT_SUBSCRIPTION, "sub", NULL,
     "CREATE SUBSCRIPTION sub CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false)"},
    {GW_OBJECT_SUBSCRIPTION, "sub", NULL, "ALTER SUBSCRIPTION sub SET (slot_name = NONE)"},
    {GW_OBJECT_SUBSCRIPTION, "sub", NULL, "DROP SUBSCRIPTION sub"},
    {GW_OBJECT_SERVER, "fs", NULL, "CREATE SERVER fs FOREIGN DATA WRAPPER fw"},
    {GW_OBJECT_SERVER, "fs", NULL, "ALTER SERVER fs VERSION '2'"},
    {GW_OBJECT_TABLE, "t", NULL, "DROP TABLE t CASCADE"},
};

/* The name of a database is written quoted. */
static const char *
written(fixture *fx, const step *s)
{
    return strchr(s->name, ' ') == NULL ? s->name : gw_printf(fx->arena, "\"%s\"", s->name);
}

static void
tells_every_change_of_an_object(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_objects");
    exec(fx->conn, "DROP DATABASE IF EXISTS \"Godwit Objects\"");
    exec(fx->conn, "DROP FOREIGN DATA WRAPPER IF EXISTS fw CASCADE");
    exec(fx->conn, "CREATE FOREIGN DATA WRAPPER fw");
    for (size_t i = 0; i < COUNT(changes); i++) {
        const step *const s = &changes[i];
        const char *const before = state(fx, s->kind, written(fx, s), s->on);
        exec(fx->conn, s->sql);
        const char *const after = state(fx, s->kind, written(fx, s), s->on);
        if (strcmp(before, after) == 0)
            fail_msg("'%s' changes nothing: %s", s->sql, before);
        const bool dropped = gw_str_starts(gw_str_of(s->sql), "DROP ") || strstr(s->sql, " DETACH ") != NULL;
        assert_int_equal(strcmp(after, "absent") == 0, dropped);
    }
    exec(fx->conn, "DROP FOREIGN DATA WRAPPER fw CASCADE");
}

static void
does_not_mistake_data_or_maintenance_for_a_change(void **state_)
{
    fixture *const fx = *state_;
    static const char *const statements[] = {
        "INSERT INTO t (b, c, d) SELECT repeat('x', 5000), g, g FROM generate_series(10, 300) g",
        "ANALYZE t",
        "VACUUM t",
        "VACUUM FULL t",
        "VACUUM FREEZE t",
        "REINDEX TABLE t",
        "REINDEX TABLE CONCURRENTLY t",
        "DELETE FROM t WHERE c < 100",
        "TRUNCATE t",
        "SELECT nextval('t_a_seq')",
        "REFRESH MATERIALIZED VIEW m",
        "SET TIME ZONE 'Asia/Tokyo'",
        "SET search_path = pg_temp",
        "SET DateStyle = German",
        "SET IntervalStyle = iso_8601",
        "SET bytea_output = escape",
        "SET quote_all_identifiers = on",
    };
    static const struct {
        gw_object_kind kind;
        const char *name;
    } objects[] = {{GW_OBJECT_TABLE, "objects.t"},
                   {GW_OBJECT_INDEX, "objects.i"},
                   {GW_OBJECT_MATVIEW, "objects.m"},
                   {GW_OBJECT_SEQUENCE, "objects.t_a_seq"}};
    const char *before[COUNT(objects)];
    fresh(fx);
    exec(fx->conn, "CREATE TABLE t (a serial PRIMARY KEY, b text, c int, d int)");
    exec(fx->conn, "INSERT INTO t (b) VALUES ('x')");
    exec(fx->conn, "ALTER TABLE t ADD COLUMN e int DEFAULT 7, ADD CHECK (c <> 5)");
    exec(fx->conn, "CREATE STATISTICS st (ndistinct, dependencies, mcv) ON c, d FROM t");
    exec(fx->conn, "CREATE INDEX i ON t (lower(b)) WHERE c > 1");
    exec(fx->conn, "CREATE MATERIALIZED VIEW m AS SELECT a FROM t WITH NO DATA");
    for (size_t k = 0; k < COUNT(objects); k++)
        before[k] = state(fx, objects[k].kind, objects[k].name, NULL);
    for (size_t i = 0; i < COUNT(statements); i++) {
        exec(fx->conn, statements[i]);
        for (size_t k = 0; k < COUNT(objects); k++)
            if (strcmp(state(fx, objects[k].kind, objects[k].name, NULL), before[k]) != 0)
                fail_msg("'%s' changes %s", statements[i], objects[k].name);
    }
}

static void
reads_a_name_as_the_server_reads_it(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    exec(fx->conn, "CREATE TABLE \"Od\"\"d 'na\\me\" (a int)");
    exec(fx->conn, "CREATE TABLE lower (a int)");
    exec(fx->conn, "CREATE TABLE aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffxyzTOOLONG (a int)");
    assert_string_not_equal(state(fx, GW_OBJECT_TABLE, "\"Od\"\"d 'na\\me\"", NULL), "absent");
    assert_string_not_equal(state(fx, GW_OBJECT_TABLE, "LoweR", NULL), "absent");
    assert_string_not_equal(state(fx, GW_OBJECT_TABLE, "OBJECTS . lower", NULL), "absent");
    assert_string_equal(state(fx, GW_OBJECT_TABLE, "\"Lower\"", NULL), "absent");
    assert_string_equal(state(fx, GW_OBJECT_TABLE, "public.lower", NULL), "absent");
    assert_string_equal(state(fx, GW_OBJECT_TABLE, "no_such_schema.lower", NULL), "absent");
    assert_string_not_equal(
        state(fx, GW_OBJECT_TABLE, "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffxyzTOOLONG", NULL),
        "absent");
    assert_null(tested->state(fx->arena, fx->conn,
                              &(gw_target){.kind = GW_OBJECT_TABLE, .name = gw_str_of("U&\"d\\0061ta\"")}));
    assert_null(tested->state(
        fx->arena, fx->conn,
        &(gw_target){.kind = GW_OBJECT_INDEX, .name = gw_str_of("i"), .on = gw_str_of("U&\"d!0061ta\" UESCAPE '!'")}));
    assert_null(tested->state(fx->arena, fx->conn, &(gw_target){.kind = GW_OBJECT_TABLE}));
    assert_null(tested->state(fx->arena, fx->conn, &(gw_target){.kind = GW_OBJECT_OTHER, .name = gw_str_of("x")}));
    assert_null(tested->state(fx->arena, fx->conn, &(gw_target){.kind = GW_OBJECT_TRIGGER, .name = gw_str_of("x")}));
}

static void
follows_the_path_of_the_role_that_the_statements_run_as(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    exec(fx->conn, "DROP SCHEMA IF EXISTS godwit_objects CASCADE");
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_objects");
    exec(fx->conn, "CREATE ROLE godwit_objects");
    exec(fx->conn, "CREATE SCHEMA godwit_objects AUTHORIZATION godwit_objects");
    exec(fx->conn, "RESET search_path");
    exec(fx->conn, "SET ROLE godwit_objects");
    exec(fx->conn, "CREATE TABLE t (a int)"); /* "$user" */
    assert_string_not_equal(state(fx, GW_OBJECT_TABLE, "t", NULL), "absent");
    exec(fx->conn, "RESET ROLE");
    assert_string_equal(state(fx, GW_OBJECT_TABLE, "t", NULL), "absent");
    exec(fx->conn, "DROP SCHEMA godwit_objects CASCADE");
    exec(fx->conn, "DROP ROLE godwit_objects");
}

static void
tells_a_state_wherever_bare_names_lead_and_without_privileges(void **state_)
{
    fixture *const fx = *state_;
    static const char *const twists[] = {
        "DROP SCHEMA IF EXISTS evil CASCADE",
        "CREATE SCHEMA evil",
        "CREATE FUNCTION evil.never(name, name) RETURNS bool LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR evil.= (leftarg = name, rightarg = name, function = evil.never)",
        "CREATE FUNCTION evil.never(oid, oid) RETURNS bool LANGUAGE sql AS 'SELECT false'",
        "CREATE OPERATOR evil.= (leftarg = oid, rightarg = oid, function = evil.never)",
        "CREATE FUNCTION evil.concat(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''evil'''",
        "CREATE DOMAIN evil.text AS pg_catalog.int4",
        "CREATE DOMAIN evil.name AS pg_catalog.int4",
        "CREATE DOMAIN evil.oid AS pg_catalog.bool",
        "CREATE DOMAIN evil.regclass AS pg_catalog.bool",
    };
    const char *before[COUNT(changes)];
    fresh(fx);
    exec(fx->conn, "DROP FOREIGN DATA WRAPPER IF EXISTS fw CASCADE");
    exec(fx->conn, "CREATE FOREIGN DATA WRAPPER fw");
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_objects");
    for (size_t i = 0; i < COUNT(changes); i++) /* all but the last, and what each drops */
        if (strstr(changes[i].sql, "Godwit Objects") == NULL && strncmp(changes[i].sql, "DROP ", 5) != 0)
            exec(fx->conn, changes[i].sql);
    for (size_t i = 0; i < COUNT(changes); i++)
        before[i] = state(fx, changes[i].kind, written(fx, &changes[i]), changes[i].on);
    for (size_t i = 0; i < COUNT(twists); i++)
        exec(fx->conn, twists[i]);
    exec(fx->conn, "SET search_path = evil, pg_catalog, objects");
    for (size_t i = 0; i < COUNT(changes); i++)
        if (changes[i].kind != GW_OBJECT_TYPE || strcmp(changes[i].name, "mood") == 0)
            assert_string_equal(state(fx, changes[i].kind, written(fx, &changes[i]), changes[i].on), before[i]);
    exec(fx->conn, "DROP SCHEMA evil CASCADE");
    exec(fx->conn, "SET search_path = objects");
    exec(fx->conn, "SET SESSION AUTHORIZATION godwit_objects");
    for (size_t i = 0; i < COUNT(changes); i++) {
        gw_target target = {.role = GW_TARGET_CHANGED,
                            .kind = changes[i].kind,
                            .name = gw_str_of(gw_printf(fx->arena, "%s", written(fx, &changes[i]))),
                            .on = gw_str_of(changes[i].on)};
        const char *const text = tested->state(fx->arena, fx->conn, &target);
        exec(fx->conn, gw_printf(fx->arena, "SELECT %s", text)); /* as that role */
    }
    exec(fx->conn, "RESET SESSION AUTHORIZATION");
    exec(fx->conn, "DROP SUBSCRIPTION sub");
    exec(fx->conn, "DROP OWNED BY godwit_objects CASCADE");
    exec(fx->conn, "DROP ROLE godwit_objects");
    exec(fx->conn, "DROP FOREIGN DATA WRAPPER fw CASCADE");
}

/* ---- leftovers ---- */

static void
tidies(fixture *fx, const char *sql, const char *notice)
{
    gw_err e = {0};
    bool completed = true;
    fx->notices.len = 0;
    ok(tested->tidy(fx->conn, gw_str_of(sql), &completed, &e), &e);
    assert_false(completed);
    const char *const said = fx->notices.len == 0 ? "" : gw_buf_text(&fx->notices);
    if (notice == NULL)
        assert_string_equal(said, "");
    else
        assert_has(said, notice);
}

static const char *
invalid(fixture *fx)
{
    return one(fx,
               "SELECT coalesce(string_agg(indexrelid::regclass::text, ' ' ORDER BY indexrelid), 'none') FROM pg_index "
               "WHERE NOT indisvalid");
}

static void
drops_the_index_that_a_failed_build_left(void **state_)
{
    fixture *const fx = *state_;
    static const char build[] =
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"I\" ON ONLY objects.t USING btree (a)";
    fresh(fx);
    twins(fx);
    tidies(fx, build, NULL);
    leave_invalid(fx, build);
    assert_string_equal(invalid(fx), "\"I\"");
    tidies(fx, build, "dropped the index objects.\"I\"");
    assert_string_equal(invalid(fx), "none");
    leave_invalid(fx, build);
    exec(fx->conn, "DELETE FROM t WHERE id = 2");
    tidies(fx, build, "dropped the index");
    exec(fx->conn, build);
    tidies(fx, build, NULL);
    assert_string_equal(one(fx, "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"I\"'::regclass"), "t");
}

static void
touches_no_index_that_is_finished_or_of_another_table_or_name(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    twins(fx);
    exec(fx->conn, "CREATE TABLE u (a int)");
    exec(fx->conn, "CREATE INDEX v ON t (b)");
    leave_invalid(fx, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)");
    tidies(fx, "CREATE INDEX CONCURRENTLY i ON u (a)", NULL);
    tidies(fx, "CREATE INDEX CONCURRENTLY v ON t (b)", NULL);
    tidies(fx, "CREATE INDEX CONCURRENTLY j ON t (a)", NULL);
    tidies(fx, "CREATE INDEX CONCURRENTLY i ON nosuch (a)", NULL);
    tidies(fx, "CREATE INDEX i ON t (a)", NULL);
    tidies(fx, "DROP INDEX CONCURRENTLY i", NULL);
    tidies(fx, "REINDEX INDEX CONCURRENTLY i", NULL);
    tidies(fx, "REINDEX TABLE CONCURRENTLY t", NULL);
    tidies(fx, "CREATE INDEX CONCURRENTLY ON t (b)", NULL);
    tidies(fx, "CREATE INDEX CONCURRENTLY", NULL);
    tidies(fx, "VACUUM", NULL);
    tidies(fx, "", NULL);
    assert_string_equal(invalid(fx), "i");
    exec(fx->conn, "DROP INDEX CONCURRENTLY i");
}

static void
knows_the_leftover_whose_name_the_server_chose(void **state_)
{
    fixture *const fx = *state_;
    static const char *const builds[] = {
        "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)",
        "CREATE UNIQUE INDEX CONCURRENTLY ON objects.t USING btree (a DESC NULLS LAST) INCLUDE (b) WITH (fillfactor = "
        "70)",
        "create unique index concurrently on \"t\" ((a + 1), lower('x'||a) collate \"C\" text_pattern_ops) where a > 0 "
        "-- it",
    };
    fresh(fx);
    twins(fx);
    exec(fx->conn, "ALTER TABLE t DROP COLUMN b");
    exec(fx->conn, "ALTER TABLE t ADD COLUMN b text");
    exec(fx->conn, "UPDATE t SET b = 'x'");
    for (size_t i = 0; i < COUNT(builds); i++) {
        tidies(fx, builds[i], NULL);
        leave_invalid(fx, builds[i]);
        leave_invalid(fx, builds[i]); /* …_idx1 */
        for (size_t k = 0; k < COUNT(builds); k++)
            if (k != i)
                tidies(fx, builds[k], NULL);
        tidies(fx, builds[i], "dropped the index objects.t_");
        assert_string_equal(invalid(fx), "none");
    }
    assert_string_equal(one(fx, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), "1");
}

static void
only_names_an_index_that_it_cannot_be_sure_of(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    twins(fx);
    leave_invalid(fx, "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)");
    exec(fx->conn, "CREATE TEMP TABLE t (x int)"); /* the copy cannot be made */
    tidies(fx, "CREATE UNIQUE INDEX CONCURRENTLY ON objects.t (a)", "DROP INDEX CONCURRENTLY objects.t_a_idx");
    assert_string_equal(invalid(fx), "t_a_idx");
    assert_false(tested->in_transaction(fx->conn));
    exec(fx->conn, "DROP INDEX CONCURRENTLY objects.t_a_idx");
}

/* A transaction of another session that builds have to wait for. */
static void
hold(gw_conn *other)
{
    exec(other, "BEGIN");
    exec(other, "INSERT INTO t VALUES (10 + (random() * 1e6)::int, 10 + (random() * 1e6)::int)");
}

static void
names_who_builds_the_index_and_leaves_it_alone(void **state_)
{
    fixture *const fx = *state_;
    static const char build[] = "CREATE INDEX CONCURRENTLY i ON t (a)";
    fresh(fx);
    twins(fx);
    gw_conn *const holder = another(fx);
    aside builder = {.conn = another(fx), .sql = build};
    const int64_t pid = pid_of(fx, builder.conn);
    hold(holder);
    start(&builder);
    await_waiting(fx, pid);
    assert_string_equal(invalid(fx), "i");
    gw_err e = {0};
    bool completed;
    assert_int_equal(tested->tidy(fx->conn, gw_str_of(build), &completed, &e), GODWIT_FAILED);
    assert_true(e.transient && e.lock_wait);
    assert_has(e.message, "the index objects.i is INVALID, and another session works on its table: ");
    assert_has(e.message, gw_printf(fx->arena, "pid %lld, godwit", (long long)pid));
    exec(holder, "COMMIT");
    join(&builder);
    ok(builder.e.rc, &builder.e);
    tidies(fx, build, NULL);
    assert_string_equal(invalid(fx), "none");
}

static void *
cancel_soon(void *subject)
{
    gw_sleep_ms(200);
    tested->cancel(subject);
    return NULL;
}

static void
tidies_after_a_lock_time_out_and_after_a_cancel(void **state_)
{
    fixture *const fx = *state_;
    static const char build[] = "CREATE INDEX CONCURRENTLY i ON t (a)";
    gw_err timeout = {0}, cancelled = {0}, blocked = {0};
    bool completed;
    pthread_t thread;
    fresh(fx);
    twins(fx);
    gw_conn *const holder = another(fx);
    hold(holder);
    exec(fx->conn, "SET lock_timeout = 200");
    assert_int_equal(try_exec(fx->conn, build, &timeout), GODWIT_FAILED);
    assert_string_equal(timeout.code, "55P03");
    assert_true(timeout.transient && timeout.lock_wait);
    /* The drop would have to wait for the same transaction: it gives up as soon. */
    assert_int_equal(tested->tidy(fx->conn, gw_str_of(build), &completed, &blocked), GODWIT_FAILED);
    assert_true(blocked.transient && blocked.lock_wait);
    assert_has(invalid(fx), "godwit_invalid_"); /* its name is free already */
    exec(holder, "COMMIT");
    tidies(fx, build, "dropped the index objects.godwit_invalid_");
    hold(holder);
    exec(fx->conn, "SET lock_timeout = 0");
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, fx->conn), 0);
    assert_int_equal(try_exec(fx->conn, build, &cancelled), GODWIT_INTERRUPTED);
    pthread_join(thread, NULL);
    exec(holder, "ROLLBACK");
    assert_string_equal(invalid(fx), "i");
    tidies(fx, build, "dropped the index");
    assert_string_equal(invalid(fx), "none");
}

static void
tidies_after_a_deadlock(void **state_)
{
    fixture *const fx = *state_;
    static const char build[] = "CREATE INDEX CONCURRENTLY i ON t (a)";
    fresh(fx);
    twins(fx);
    exec(fx->conn, "SET deadlock_timeout = '800ms'");
    gw_conn *const other = another(fx);
    exec(other, "SET deadlock_timeout = '20s'");
    hold(other);
    aside builder = {.conn = fx->conn, .sql = build};
    start(&builder);
    gw_sleep_ms(300); /* the build waits for the other's transaction */
    aside locker = {.conn = other, .sql = "LOCK TABLE t IN ACCESS EXCLUSIVE MODE"};
    start(&locker); /* and the other for the build */
    join(&builder);
    join(&locker);
    assert_int_equal(builder.e.rc, GODWIT_FAILED);
    assert_string_equal(builder.e.code, "40P01");
    assert_true(builder.e.transient);
    exec(other, "ROLLBACK");
    tidies(fx, build, "dropped the index");
    assert_string_equal(invalid(fx), "none");
}

static void
drops_again_what_was_half_dropped(void **state_)
{
    fixture *const fx = *state_;
    gw_err e = {0};
    fresh(fx);
    twins(fx);
    exec(fx->conn, "CREATE INDEX i ON t (a)");
    gw_conn *const holder = another(fx);
    hold(holder);
    exec(fx->conn, "SET lock_timeout = 200");
    assert_int_equal(try_exec(fx->conn, "DROP INDEX CONCURRENTLY i", &e), GODWIT_FAILED);
    assert_string_equal(invalid(fx), "i");
    assert_string_not_equal(index_state(fx, GW_TARGET_DROPPED, "i"), "absent");
    exec(holder, "COMMIT");
    tidies(fx, "DROP INDEX CONCURRENTLY i", NULL);
    exec(fx->conn, "DROP INDEX CONCURRENTLY i");
    assert_string_equal(invalid(fx), "none");
}

/* A REINDEX that had to give up because of a transaction of another session. */
static void
fail_reindex(fixture *fx, const char *sql)
{
    gw_err e = {0};
    gw_conn *const holder = another(fx);
    hold(holder);
    exec(fx->conn, "SET lock_timeout = 200");
    assert_int_equal(try_exec(fx->conn, sql, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "55P03");
    exec(holder, "ROLLBACK");
    exec(fx->conn, "SET lock_timeout = 0");
}

static void
drops_what_a_failed_reindex_made_beside_the_real_indexes(void **state_)
{
    fixture *const fx = *state_;
    static const char long_name[] = "i_aaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffxy";
    static const char *const all[] = {"REINDEX TABLE CONCURRENTLY t", "REINDEX (VERBOSE, CONCURRENTLY) TABLE objects.t",
                                      "REINDEX SCHEMA CONCURRENTLY objects"};
    fresh(fx);
    twins(fx);
    exec(fx->conn, gw_printf(fx->arena, "CREATE INDEX %s ON t (a)", long_name));
    exec(fx->conn, "CREATE INDEX j ON t (a)");
    exec(fx->conn, "CREATE TABLE u (a int)");
    const char *const one_index = gw_printf(fx->arena, "REINDEX INDEX CONCURRENTLY objects.%s", long_name);
    fail_reindex(fx, one_index);
    fail_reindex(fx, one_index);
    assert_string_not_equal(invalid(fx), "none");
    tidies(fx, "REINDEX INDEX CONCURRENTLY j", NULL);
    tidies(fx, "REINDEX TABLE CONCURRENTLY u", NULL);
    tidies(fx, "REINDEX SCHEMA CONCURRENTLY public", NULL);
    tidies(fx, one_index, "_ccnew");
    assert_string_equal(invalid(fx), "none");
    for (size_t i = 0; i < COUNT(all); i++) {
        fail_reindex(fx, all[i]);
        assert_has(invalid(fx), "_ccnew");
        assert_has(invalid(fx), "pg_toast");
        tidies(fx, all[i], "_ccnew");
        assert_string_equal(invalid(fx), "none");
        exec(fx->conn, all[i]);
    }
    assert_string_equal(one(fx, "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass"), "3");
}

static void
drops_what_a_failed_reindex_of_partitions_made(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    exec(fx->conn, "CREATE TABLE t (id int, a int) PARTITION BY RANGE (id)");
    exec(fx->conn, "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (2000000)");
    exec(fx->conn, "CREATE INDEX i ON t (a)");
    fail_reindex(fx, "REINDEX INDEX CONCURRENTLY i");
    tidies(fx, "REINDEX INDEX CONCURRENTLY i", "t1_a_idx_ccnew");
    fail_reindex(fx, "REINDEX TABLE CONCURRENTLY t1");
    tidies(fx, "REINDEX TABLE CONCURRENTLY t", "t1_a_idx_ccnew");
    assert_string_equal(invalid(fx), "none");
    gw_err e = {0};
    assert_int_equal(try_exec(fx->conn, "CREATE INDEX CONCURRENTLY k ON t (a)", &e), GODWIT_FAILED);
    tidies(fx, "CREATE INDEX CONCURRENTLY k ON t (a)", NULL);
    /* INVALID by intention, until all partitions have one. */
    exec(fx->conn, "CREATE INDEX k ON ONLY t (id)");
    tidies(fx, "CREATE INDEX CONCURRENTLY IF NOT EXISTS k ON t (id)", NULL);
    assert_string_equal(invalid(fx), "k");
}

static void
finishes_a_detach_that_was_broken_off(void **state_)
{
    fixture *const fx = *state_;
    static const char detach[] = "ALTER TABLE IF EXISTS t DETACH PARTITION objects.t1 CONCURRENTLY";
    const gw_target target = {
        .role = GW_TARGET_DROPPED, .kind = GW_OBJECT_TABLE, .name = gw_str_of("objects.t1"), .on = gw_str_of("t")};
    gw_err e = {0}, late = {0};
    bool completed = true;
    fresh(fx);
    exec(fx->conn, "CREATE TABLE t (id int, a int) PARTITION BY RANGE (id)");
    exec(fx->conn, "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (2000000)");
    tidies(fx, detach, NULL);
    const char *const attached = state_of(fx, &target);
    gw_conn *const holder = another(fx);
    hold(holder);
    exec(fx->conn, "SET lock_timeout = 200");
    assert_int_equal(try_exec(fx->conn, detach, &e), GODWIT_FAILED);
    assert_string_equal(one(fx, "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"), "1");
    assert_string_equal(state_of(fx, &target), attached);
    assert_int_equal(tested->tidy(fx->conn, gw_str_of(detach), &completed, &late), GODWIT_FAILED);
    assert_true(late.transient && late.lock_wait);
    assert_false(completed);
    exec(holder, "COMMIT");
    e = (gw_err){0};
    ok(tested->tidy(fx->conn, gw_str_of(detach), &completed, &e), &e);
    assert_true(completed);
    assert_has(gw_buf_text(&fx->notices), "finished detaching the partition objects.t1 of objects.t");
    assert_string_equal(state_of(fx, &target), "absent");
    tidies(fx, detach, NULL);
}

static void
tidies_as_the_role_that_owns_the_table(void **state_)
{
    fixture *const fx = *state_;
    static const char build[] = "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)";
    gw_err e = {0};
    bool completed;
    fresh(fx);
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_owner");
    exec(fx->conn, "CREATE ROLE godwit_owner");
    exec(fx->conn, "GRANT ALL ON SCHEMA objects TO godwit_owner");
    exec(fx->conn, "SET ROLE godwit_owner");
    twins(fx);
    leave_invalid(fx, build);
    tidies(fx, build, "dropped the index");
    leave_invalid(fx, "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)");
    tidies(fx, "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)", "dropped the index");
    leave_invalid(fx, build);
    exec(fx->conn, "RESET ROLE");
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_nobody");
    exec(fx->conn, "CREATE ROLE godwit_nobody");
    exec(fx->conn, "GRANT USAGE ON SCHEMA objects TO godwit_nobody");
    exec(fx->conn, "SET ROLE godwit_nobody");
    assert_int_equal(tested->tidy(fx->conn, gw_str_of(build), &completed, &e), GODWIT_FAILED);
    assert_string_equal(e.code, "42501");
    assert_has(e.notes, "while dropping the index objects.i, which an earlier try left INVALID");
    reset(fx->conn);
    exec(fx->conn, "DROP OWNED BY godwit_owner, godwit_nobody CASCADE");
    exec(fx->conn, "DROP ROLE godwit_owner, godwit_nobody");
}

/* One runner: tidy, build, until it is done or somebody else did it. */
typedef struct runner {
    gw_conn *conn;
    const char *sql;
    int built, dropped;
    gw_err e;
    pthread_t thread;
} runner;

static void
count_drops(void *ctx, const char *text)
{
    runner *const r = ctx;
    r->dropped += strstr(text, "dropped the index") != NULL;
}

static void *
build_until_done(void *subject)
{
    runner *const r = subject;
    for (int i = 0; i < 1000; i++, gw_sleep_ms(5)) {
        bool completed = false;
        r->e = (gw_err){0};
        if (tested->tidy(r->conn, gw_str_of(r->sql), &completed, &r->e) == GODWIT_OK &&
            try_exec(r->conn, r->sql, &r->e) == GODWIT_OK) {
            r->built++;
            return NULL;
        }
        if (!r->e.transient)
            return NULL;
    }
    return NULL;
}

/* Two runners for each of two indexes of one table, at once. */
static void
race(fixture *fx, runner *runners, size_t count)
{
    int built[2] = {0};
    for (size_t i = 0; i < count; i++) {
        runners[i].built = 0;
        assert_int_equal(pthread_create(&runners[i].thread, NULL, build_until_done, &runners[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(runners[i].thread, NULL);
    for (size_t i = 0; i < count; i++) {
        built[i % 2] += runners[i].built;
        if (runners[i].built == 0)
            assert_string_equal(runners[i].e.code, "42P07");
    }
    assert_int_equal(built[0], 1);
    assert_int_equal(built[1], 1);
    assert_string_equal(invalid(fx), "none");
    exec(fx->conn, "DROP INDEX i, j");
}

static void
builds_an_index_once_when_several_race(void **state_)
{
    fixture *const fx = *state_;
    static const char *const sql[] = {"CREATE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX CONCURRENTLY j ON t (a)"};
    runner runners[4] = {{0}};
    fresh(fx);
    twins(fx);
    for (size_t i = 0; i < COUNT(runners); i++) {
        runners[i].sql = sql[i % 2];
        runners[i].conn =
            open_on(fx, (gw_open_params){.lock_timeout_ms = 3000, .notice = count_drops, .notice_ctx = &runners[i]});
        exec(runners[i].conn, "SET search_path = objects");
        exec(runners[i].conn, "SET deadlock_timeout = '50ms'");
    }
    for (int round = 0; round < 10; round++)
        race(fx, runners, COUNT(runners));
}

/* ---- blockers ---- */

static gw_blockers
blockers_of(fixture *fx, gw_conn *c, int64_t pid)
{
    gw_err e = {0};
    gw_blockers out = {0};
    ok(tested->blockers(fx->arena, c, pid, &out, &e), &e);
    return out;
}

static void
names_who_blocks_a_statement(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    twins(fx);
    gw_conn *const holder = another(fx);
    aside waiter = {.conn = another(fx), .sql = "ALTER TABLE t ADD COLUMN c int"};
    const int64_t pid = pid_of(fx, waiter.conn);
    assert_int_equal(blockers_of(fx, fx->conn, pid).len, 0);
    const char *const holds = gw_printf(fx->arena, "pid %lld, godwit", (long long)pid_of(fx, holder));
    exec(holder, "BEGIN");
    exec(holder, "SELECT a FROM t");
    start(&waiter);
    await_waiting(fx, pid);
    const gw_blockers found = blockers_of(fx, fx->conn, pid);
    assert_int_equal(found.len, 1);
    assert_has(found.at[0].who, holds);
    assert_non_null(found.at[0].since);
    assert_string_equal(found.at[0].query, "SELECT a FROM t");
    assert_false(found.at[0].is_guess);
    exec(holder, "ROLLBACK");
    join(&waiter);
    ok(waiter.e.rc, &waiter.e);
    assert_int_equal(blockers_of(fx, fx->conn, pid).len, 0);
    assert_int_equal(blockers_of(fx, fx->conn, 0).len, 0);
}

static int64_t
twin_of(fixture *fx, const char *sql)
{
    gw_err e = {0};
    gw_lock_holder twin;
    ok(tested->twin(fx->arena, fx->conn, gw_str_of(sql), &twin, &e), &e);
    assert_int_equal(twin.who != NULL, twin.session != 0);
    return twin.session;
}

static void
names_who_runs_the_same_statement_however_long_it_is(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    twins(fx);
    gw_conn *const holder = another(fx);
    for (size_t padding = 0; padding < 4000; padding += 1999) {
        gw_buf sql = gw_buf_new(fx->arena);
        gw_buf_puts(&sql, "LOCK TABLE t /* ");
        for (size_t i = 0; i < padding; i++)
            gw_buf_puts(&sql, i % 2 == 0 ? "ž" : "x");
        gw_buf_puts(&sql, " */ IN ACCESS EXCLUSIVE MODE");
        aside waiter = {.conn = another(fx), .sql = gw_buf_text(&sql)};
        const int64_t pid = pid_of(fx, waiter.conn);
        exec(waiter.conn, "BEGIN");
        exec(holder, "BEGIN");
        exec(holder, "SELECT a FROM t");
        start(&waiter);
        await_waiting(fx, pid);
        assert_int_equal(twin_of(fx, waiter.sql), pid);
        assert_int_equal(twin_of(fx, gw_printf(fx->arena, "-- %s", waiter.sql)), 0);
        assert_int_equal(twin_of(fx, "LOCK TABLE t"), 0);
        exec(holder, "ROLLBACK");
        join(&waiter);
        ok(waiter.e.rc, &waiter.e);
        assert_int_equal(twin_of(fx, waiter.sql), 0); /* in its transaction, but idle */
        exec(waiter.conn, "ROLLBACK");
    }
}

static void
names_whom_a_concurrent_build_waits_for_also_to_users_who_may_not_know_more(void **state_)
{
    fixture *const fx = *state_;
    fresh(fx);
    twins(fx);
    exec(fx->conn, "DROP ROLE IF EXISTS godwit_curious");
    exec(fx->conn, "CREATE ROLE godwit_curious");
    gw_conn *const holder = another(fx), *const curious = another(fx);
    aside builder = {.conn = another(fx), .sql = "CREATE INDEX CONCURRENTLY i ON t (a)"};
    const int64_t pid = pid_of(fx, builder.conn), holder_pid = pid_of(fx, holder);
    hold(holder);
    start(&builder);
    await_waiting(fx, pid);
    exec(curious, "SET ROLE godwit_curious");
    exec(curious, "SET SESSION AUTHORIZATION godwit_curious");
    gw_err e = {0};
    bool taken;
    gw_lock_holder lock;
    ok(tested->try_lock(holder, "objects", &taken, &e), &e);
    gw_blockers found = blockers_of(fx, fx->conn, pid);
    assert_int_equal(found.len, 1);
    assert_has(found.at[0].query, "pg_try_advisory_lock");
    exec(holder, "COMMIT");
    join(&builder);
    ok(builder.e.rc, &builder.e);
    /* The engine's own questions are asked by who logged in, so somebody else has to. */
    const char *const password = "objects";
    exec(fx->conn, gw_printf(fx->arena, "ALTER ROLE godwit_curious LOGIN PASSWORD '%s'", password));
    gw_url url = fx->url;
    url.user = "godwit_curious";
    url.password = password;
    gw_conn *const stranger = open_on(fx, (gw_open_params){.url = &url});
    ok(tested->lock_holder(fx->arena, stranger, "objects", &lock, &e), &e);
    assert_has(lock.who, gw_printf(fx->arena, ", pid %lld, godwit", (long long)holder_pid));
    assert_null(strchr(lock.who, '@'));
    assert_null(lock.query);
    aside waiter = {.conn = another(fx), .sql = "ALTER TABLE t ADD COLUMN c int"};
    const int64_t waiting = pid_of(fx, waiter.conn);
    hold(holder);
    start(&waiter);
    await_waiting(fx, waiting);
    found = blockers_of(fx, stranger, waiting);
    assert_int_equal(found.len, 1);
    assert_has(found.at[0].who, gw_printf(fx->arena, ", pid %lld, godwit", (long long)holder_pid));
    assert_null(found.at[0].query);
    exec(holder, "COMMIT");
    join(&waiter);
    gw_err ignored = {0};
    ok(tested->end_session(fx->conn, pid_of(fx, stranger), &ignored), &ignored);
    exec(curious, "RESET SESSION AUTHORIZATION");
    exec(curious, "RESET ROLE");
    exec(fx->conn, "DROP ROLE godwit_curious");
}

static void
names_a_prepared_transaction_where_the_server_has_them(void **state_)
{
    fixture *const fx = *state_;
    gw_err e = {0};
    fresh(fx);
    twins(fx);
    gw_conn *const holder = another(fx);
    hold(holder);
    if (try_exec(holder, "PREPARE TRANSACTION 'it''s'", &e) != GODWIT_OK) {
        assert_string_equal(one(fx, "SHOW max_prepared_transactions"), "0");
        return;
    }
    aside waiter = {.conn = another(fx), .sql = "ALTER TABLE t ADD COLUMN c int"};
    const int64_t pid = pid_of(fx, waiter.conn);
    start(&waiter);
    await_waiting(fx, pid);
    const gw_blockers found = blockers_of(fx, fx->conn, pid);
    assert_int_equal(found.len, 1);
    assert_has(found.at[0].who, ", prepared transaction 'it''s'");
    assert_non_null(found.at[0].since);
    assert_null(found.at[0].query);
    exec(holder, "COMMIT PREPARED 'it''s'");
    join(&waiter);
}

/* ---- the lease ---- */

static const char *
lease_text(fixture *fx, gw_sql_id id)
{
    gw_buf out = gw_buf_new(fx->arena);
    const char *text = tested->sql[id];
    for (const char *mark; (mark = strstr(text, "{lease}")) != NULL; text = mark + strlen("{lease}")) {
        gw_buf_add(&out, (gw_str){text, (size_t)(mark - text)});
        gw_buf_puts(&out, "objects.\"god's lease\"");
    }
    gw_buf_puts(&out, text);
    return gw_buf_text(&out);
}

static gw_rc
lease(fixture *fx, gw_conn *c, gw_sql_id id, const gw_param *params, size_t count, gw_err *e)
{
    const char *const text = lease_text(fx, id);
    return tested->query(c, text, params, count, NULL, NULL, e);
}

static int64_t
hits(fixture *fx, gw_conn *c, gw_sql_id id, const gw_param *params, size_t count)
{
    gw_err e = {0};
    ok(lease(fx, c, id, params, count, &e), &e);
    return c->affected;
}

static const char *
read_lease(fixture *fx)
{
    return ask(fx, fx->conn, lease_text(fx, GW_SQL_LEASE_READ), NULL);
}

/* The sixth column of a reading: how often the row was written. */
static const char *
writes_now(fixture *fx)
{
    gw_str rest = gw_str_of(read_lease(fx));
    for (int i = 0; i < 5; i++)
        (void)gw_str_cut(rest, '|', &rest);
    return gw_strdup(fx->arena, gw_str_cut(rest, '|', &rest));
}

static int64_t
take(fixture *fx, gw_conn *c, const char *token, const char *owner, const char *ms)
{
    const gw_param params[] = {{token}, {owner}, {"app"}, {"here 1"}, {ms}, {writes_now(fx)}};
    return hits(fx, c, GW_SQL_LEASE_TAKE, params, COUNT(params));
}

static void
make_lease(fixture *fx)
{
    fresh(fx);
    for (int i = 0; i < 2; i++) {
        (void)hits(fx, fx->conn, GW_SQL_LEASE_CREATE, NULL, 0);
        assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_SEED, NULL, 0), i == 0);
    }
    assert_string_equal(read_lease(fx), "0|NULL|NULL|NULL|NULL|0|0|NULL");
}

static void
gives_the_lease_to_one_until_it_is_over(void **state_)
{
    fixture *const fx = *state_;
    make_lease(fx);
    assert_int_equal(take(fx, fx->conn, "0", "a", "60000"), 1);
    assert_has(read_lease(fx), "1|a|app|NULL|20");
    assert_int_equal(take(fx, fx->conn, "0", "b", "300"), 0);
    assert_int_equal(take(fx, fx->conn, "1", "b", "300"), 0);
    assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_BEAT, (gw_param[]){{"1"}, {"b"}, {"300"}}, 3), 0);
    assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_BEAT, (gw_param[]){{"0"}, {"a"}, {"300"}}, 3), 0);
    assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_BEAT, (gw_param[]){{"1"}, {"a"}, {"200"}}, 3), 1);
    gw_sleep_ms(250);
    assert_has(read_lease(fx), "|-"); /* over for so long */
    assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_BEAT, (gw_param[]){{"1"}, {"a"}, {"10"}}, 3), 1); /* still his */
    gw_sleep_ms(30);
    assert_int_equal(take(fx, fx->conn, "1", "b", "60000"), 1);
    assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_FREE, (gw_param[]){{"1"}, {"a"}}, 2), 0);
    assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_FREE, (gw_param[]){{"2"}, {"b"}}, 2), 1);
    assert_has(read_lease(fx), "2|NULL|NULL|NULL|NULL|");
}

static void
keeps_the_lease_from_others_while_a_transaction_has_fenced_it(void **state_)
{
    fixture *const fx = *state_;
    gw_err e = {0};
    make_lease(fx);
    gw_conn *const other = another(fx);
    assert_int_equal(take(fx, fx->conn, "0", "a", "200"), 1);
    ok(tested->begin(fx->conn, (gw_str){0}, &e), &e);
    assert_int_equal(hits(fx, fx->conn, GW_SQL_LEASE_BEAT, (gw_param[]){{"1"}, {"a"}, {"200"}}, 3), 1);
    gw_sleep_ms(300); /* over, but who has it is about to commit */
    exec(other, "SET lock_timeout = 5000");
    const int64_t begun = gw_clock_ms();
    assert_int_equal(take(fx, other, "1", "b", "200"), 0);
    assert_true(gw_clock_ms() - begun < 2000); /* nobody waits within the server */
    ok(tested->commit(fx->conn, &e), &e);
    gw_sleep_ms(10);
    assert_int_equal(take(fx, other, "1", "b", "60000"), 1);
    /* The clock is that of the statement, not of the transaction. */
    assert_int_equal(hits(fx, other, GW_SQL_LEASE_BEAT, (gw_param[]){{"2"}, {"b"}, {"100"}}, 3), 1);
    ok(tested->begin(other, (gw_str){0}, &e), &e);
    gw_sleep_ms(150);
    assert_int_equal(hits(fx, other, GW_SQL_LEASE_BEAT, (gw_param[]){{"2"}, {"b"}, {"100"}}, 3), 1);
    tested->rollback(other);
}

/* Takes the lease that is free, again and again, and counts how often it got it. */
typedef struct taker {
    gw_conn *conn;
    const char *sql, *owner;
    bool won[20];
    gw_err e;
    pthread_t thread;
} taker;

static void *
take_each_token(void *subject)
{
    taker *const t = subject;
    for (int round = 0; round < 20 && t->e.rc == GODWIT_OK; round++) {
        char token[16];
        (void)snprintf(token, sizeof(token), "%d", round);
        const gw_param params[] = {{token}, {t->owner}, {"app"}, {"here 1"}, {"-1"}, {token}};
        const gw_rc rc = tested->query(t->conn, t->sql, params, COUNT(params), NULL, NULL, &t->e);
        t->won[round] = rc == GODWIT_OK && t->conn->affected == 1;
        gw_sleep_ms(10);
    }
    return NULL;
}

static void
gives_the_lease_to_one_of_many_that_take_it_at_once(void **state_)
{
    fixture *const fx = *state_;
    make_lease(fx);
    taker takers[6] = {{0}};
    for (size_t i = 0; i < COUNT(takers); i++)
        takers[i] = (taker){
            .conn = another(fx), .sql = lease_text(fx, GW_SQL_LEASE_TAKE), .owner = gw_printf(fx->arena, "%zu", i)};
    for (size_t i = 0; i < COUNT(takers); i++)
        assert_int_equal(pthread_create(&takers[i].thread, NULL, take_each_token, &takers[i]), 0);
    int won[20] = {0};
    for (size_t i = 0; i < COUNT(takers); i++) {
        pthread_join(takers[i].thread, NULL);
        ok(takers[i].e.rc, &takers[i].e);
        for (int round = 0; round < 20; round++)
            won[round] += takers[i].won[round];
    }
    for (int round = 0; round < 20; round++)
        assert_int_equal(won[round], 1);
}

static void
tells_what_the_owner_of_the_lease_runs(void **state_)
{
    fixture *const fx = *state_;
    make_lease(fx);
    aside owner = {.conn = another(fx), .sql = "SELECT pg_sleep(1) /* long */"};
    const char *const session = gw_printf(fx->arena, "some place %lld", (long long)pid_of(fx, owner.conn));
    (void)hits(fx, fx->conn, GW_SQL_LEASE_TAKE, (gw_param[]){{"0"}, {"a"}, {"app"}, {session}, {"60000"}, {"0"}}, 6);
    start(&owner);
    gw_sleep_ms(300);
    assert_has(read_lease(fx), "/* long */");
    assert_has(read_lease(fx), session);
    join(&owner);
    assert_has(read_lease(fx), "|NULL");
    gw_err e = {0};
    ok(tested->end_session(fx->conn, pid_of(fx, owner.conn), &e), &e);
    assert_has(read_lease(fx), "1|a|app|NULL|"); /* numbers come again: one that ended is nobody's */
}

static const struct CMUnitTest tests[] = {
    SERVER_TEST(tells_which_failures_may_pass),
    SERVER_TEST(takes_an_unfinished_index_for_one_that_is_not_created_and_not_dropped),
    SERVER_TEST(looks_for_an_index_where_its_table_is),
    SERVER_TEST(tells_that_an_index_whose_name_the_server_chose_was_finished),
    SERVER_TEST(tells_every_change_of_an_object),
    SERVER_TEST(does_not_mistake_data_or_maintenance_for_a_change),
    SERVER_TEST(reads_a_name_as_the_server_reads_it),
    SERVER_TEST(follows_the_path_of_the_role_that_the_statements_run_as),
    SERVER_TEST(tells_a_state_wherever_bare_names_lead_and_without_privileges),
    SERVER_TEST(drops_the_index_that_a_failed_build_left),
    SERVER_TEST(touches_no_index_that_is_finished_or_of_another_table_or_name),
    SERVER_TEST(knows_the_leftover_whose_name_the_server_chose),
    SERVER_TEST(only_names_an_index_that_it_cannot_be_sure_of),
    SERVER_TEST(names_who_builds_the_index_and_leaves_it_alone),
    SERVER_TEST(tidies_after_a_lock_time_out_and_after_a_cancel),
    SERVER_TEST(tidies_after_a_deadlock),
    SERVER_TEST(drops_again_what_was_half_dropped),
    SERVER_TEST(drops_what_a_failed_reindex_made_beside_the_real_indexes),
    SERVER_TEST(drops_what_a_failed_reindex_of_partitions_made),
    SERVER_TEST(finishes_a_detach_that_was_broken_off),
    SERVER_TEST(tidies_as_the_role_that_owns_the_table),
    SERVER_TEST(builds_an_index_once_when_several_race),
    SERVER_TEST(names_who_blocks_a_statement),
    SERVER_TEST(names_who_runs_the_same_statement_however_long_it_is),
    SERVER_TEST(names_whom_a_concurrent_build_waits_for_also_to_users_who_may_not_know_more),
    SERVER_TEST(names_a_prepared_transaction_where_the_server_has_them),
    SERVER_TEST(gives_the_lease_to_one_until_it_is_over),
    SERVER_TEST(keeps_the_lease_from_others_while_a_transaction_has_fenced_it),
    SERVER_TEST(gives_the_lease_to_one_of_many_that_take_it_at_once),
    SERVER_TEST(tells_what_the_owner_of_the_lease_runs),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
