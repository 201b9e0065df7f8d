#include "contract.h"

static bool
needs_text(const gw_engine *g, gw_sql_id id)
{
    if (id >= GW_SQL_LEASE_CREATE)
        return (g->caps & GW_CAP_LEASE) != 0;
    if (id >= GW_SQL_BATCH_INSERT)
        return (g->caps & GW_CAP_BATCH) != 0;
    return id != GW_SQL_FINGERPRINT || (g->caps & GW_CAP_STATE) != 0;
}

void
has_every_function_and_text_that_it_must_have(void **state)
{
    const fixture *const fx = *state;
    const gw_engine *const g = fx->engine;
    assert_non_null(g->name);
    assert_non_null(g->schemes);
    assert_non_null(g->schemes[0]);
    assert_non_null(g->lock_method);
    for (gw_sql_id id = 0; id < GW_SQL__COUNT; id++)
        assert_true(id == GW_SQL_BATCH_JOIN || id == GW_SQL_BATCH_PLAIN || id == GW_SQL_BATCH_SEAL ||
                    id == GW_SQL_GROUP_INSERT || (g->sql[id] != NULL) == needs_text(g, id));
    assert_non_null(g->current_schema);
    assert_true(g->open && g->is_missing_database && g->exec && g->query && g->begin && g->commit && g->rollback);
    assert_true(g->in_transaction && g->reset && g->set_lock_timeout && g->cancel && g->is_alive);
    assert_true(g->database_exists && g->database_create && g->database_drop);
    assert_int_equal(g->copy_in != NULL, (g->caps & GW_CAP_COPY) != 0);
    const bool session_lock = (g->caps & GW_CAP_SESSION_LOCK) != 0;
    assert_int_equal(g->try_lock != NULL, session_lock);
    assert_int_equal(g->unlock != NULL, session_lock);
    assert_true(g->lock_holder != NULL || !session_lock);
    assert_int_equal(g->end_session != NULL, session_lock);
    assert_true(session_lock || (g->caps & GW_CAP_TX_LOCK) != 0);
    assert_int_equal(g->batch != NULL, (g->caps & GW_CAP_BATCH) != 0);
    const bool group = (g->caps & GW_CAP_GROUP) != 0;
    assert_int_equal(g->group_begin && g->group_end && g->group_drop && g->is_clean, group);
    assert_int_equal(g->claim && g->unclaim, (g->caps & GW_CAP_CLAIM) != 0);
    assert_int_equal(g->state != NULL, (g->caps & GW_CAP_STATE) != 0);
    assert_int_equal(g->foresee != NULL, (g->caps & GW_CAP_FORESIGHT) != 0);
    assert_int_equal(g->tidy != NULL, (g->caps & GW_CAP_TIDY) != 0);
    assert_int_equal(g->blockers != NULL, (g->caps & GW_CAP_BLOCKERS) != 0);
    assert_int_equal(g->twin != NULL, (g->caps & GW_CAP_TWIN) != 0);
    assert_int_equal(g->transactions != NULL, (g->caps & GW_CAP_COUNTS) != 0);
}

void
says_what_the_server_is(void **state)
{
    const fixture *const fx = *state;
    const gw_facts *const f = &fx->conn->facts;
    assert_ptr_equal(fx->conn->engine, fx->engine);
    assert_non_null(f->product);
    assert_true(f->version[0] >= '0' && f->version[0] <= '9');
    assert_non_null(f->user);
    assert_int_equal(f->dialect.kind, fx->engine->dialect);
    assert_false(f->read_only);
    if ((fx->engine->caps & GW_CAP_SCHEMAS) != 0)
        assert_non_null(f->schema);
    if ((fx->engine->caps & GW_CAP_DATABASES) != 0)
        assert_string_equal(f->database, fx->url->database);
    else
        assert_true(f->database[0] == '/' || f->database[0] == ':');
}

void
closes_with_its_arena(void **state)
{
    enum { MORE_THAN_A_SERVER_ALLOWS_AT_ONCE = 160 };
    fixture *const fx = *state;
    const gw_open_params p = params_of(fx);
    for (int i = 0; i < MORE_THAN_A_SERVER_ALLOWS_AT_ONCE; i++) {
        gw_arena *const scope = scope_of(fx);
        exec(open_on(scope, &p), "SELECT 1");
        gw_undo(fx->arena, scope);
    }
}

static gw_rc
try_open(fixture *fx, const gw_url *url, gw_err *e)
{
    gw_conn *c = NULL;
    gw_open_params p = params_of(fx);
    p.url = url;
    return fx->engine->open(fx->arena, &p, &c, e);
}

void
refuses_a_url_parameter_that_it_does_not_know(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_url url = *fx->url;
    url.params.at = NULL;
    url.params.len = url.params.cap = 0;
    for (size_t i = 0; i < fx->url->params.len; i++)
        *gw_vec_push(fx->arena, &url.params) = fx->url->params.at[i];
    *gw_vec_push(fx->arena, &url.params) = (gw_url_param){"no_such_parameter", "1"};
    assert_int_equal(try_open(fx, &url, &e), GODWIT_USAGE);
    assert_non_null(strstr(e.message, "no_such_parameter"));
}

static void
assert_silent(const gw_err *e, const char *secret)
{
    assert_null(strstr(e->message, secret));
    assert_null(strstr(e->notes, secret));
    assert_null(strstr(e->hint, secret));
}

void
refuses_a_wrong_login_and_keeps_the_password_to_itself(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_url url = *fx->url;
    url.user = "godwit_nobody";
    url.password = "not-the-PASSWORD";
    if ((fx->engine->caps & GW_CAP_DATABASES) == 0) { /* a file asks nobody */
        assert_string_equal(fx->conn->facts.user, "");
        return;
    }
    assert_int_equal(try_open(fx, &url, &e), GODWIT_CONNECT);
    assert_false(e.transient);
    assert_false(fx->engine->is_missing_database(&e));
    assert_string_not_equal(e.code, "");
    assert_silent(&e, url.password);
    if (fx->url->password == NULL || fx->url->password[0] == '\0')
        return; /* a server that asks for no password accepts every one */
    gw_err second = {0};
    url.user = fx->url->user;
    assert_int_equal(try_open(fx, &url, &second), GODWIT_CONNECT);
    assert_false(second.transient);
    assert_silent(&second, url.password);
}

void
says_that_nobody_listens_and_that_trying_again_may_help(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_url url = *fx->url;
    if ((fx->engine->caps & GW_CAP_DATABASES) ==
        0) { /* nobody listens at a file: a folder stands for what never helps */
        url.database = "/";
        assert_int_equal(try_open(fx, &url, &e), GODWIT_CONNECT);
        assert_false(e.transient);
        assert_false(fx->engine->is_missing_database(&e));
        return;
    }
    url.host = "127.0.0.1";
    url.port = 1;
    url.params.len = 0;
    assert_int_equal(try_open(fx, &url, &e), GODWIT_CONNECT);
    assert_true(e.transient);
    assert_false(fx->engine->is_missing_database(&e));
    assert_non_null(strstr(e.message, "127.0.0.1"));
}

void
tells_a_missing_database_from_other_failures(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_url url = *fx->url;
    url.database = any_name(fx);
    assert_int_equal(try_open(fx, &url, &e), GODWIT_CONNECT);
    assert_true(fx->engine->is_missing_database(&e));
    assert_false(e.transient);
    assert_non_null(strstr(e.message, url.database));
    gw_err other = {0};
    gw_fail(&other, GODWIT_CONNECT, "something else");
    assert_false(fx->engine->is_missing_database(&other));
}

void
writes_nothing_when_opened_to_read(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const char *const table = new_table(fx);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'one')", table));
    gw_open_params p = params_of(fx);
    p.read_only = true;
    gw_conn *const reader = open_on(fx->arena, &p);
    assert_string_equal(rows_of(fx, reader, say(fx, "SELECT n, v FROM {t}", table), NULL, 0), "1|one\n");
    assert_int_equal(try_exec(reader, say(fx, "INSERT INTO {t} VALUES (2, 'two')", table), &e), GODWIT_FAILED);
    gw_err ddl = {0};
    assert_int_equal(try_exec(reader, say(fx, "CREATE TABLE {t}_more (n INTEGER)", table), &ddl), GODWIT_FAILED);
    gw_err lifted = {0};
    ok(fx->engine->reset(reader, &lifted), &lifted);
    gw_err again = {0};
    assert_int_equal(try_exec(reader, say(fx, "DELETE FROM {t}", table), &again), GODWIT_FAILED);
    assert_string_equal(rows_of(fx, fx->conn, say(fx, "SELECT n, v FROM {t}", table), NULL, 0), "1|one\n");
}

void
gives_the_session_back_as_it_began(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    const tongue_setting *const settings = fx->words->settings;
    const char *before[TONGUE_SETTINGS] = {0};
    size_t changed = 0;
    for (size_t i = 0; i < TONGUE_SETTINGS && settings[i].set != NULL; i++)
        before[i] = rows_of(fx, fx->conn, settings[i].show, NULL, 0);
    for (size_t i = 0; i < TONGUE_SETTINGS && settings[i].set != NULL; i++) {
        exec(fx->conn, settings[i].set);
        changed += strcmp(before[i], rows_of(fx, fx->conn, settings[i].show, NULL, 0)) != 0;
    }
    assert_true(changed > 0);
    ok(fx->engine->reset(fx->conn, &e), &e);
    for (size_t i = 0; i < TONGUE_SETTINGS && settings[i].set != NULL; i++)
        assert_string_equal(rows_of(fx, fx->conn, settings[i].show, NULL, 0), before[i]);
    ok(fx->engine->reset(fx->conn, &e), &e);
}

void
knows_that_it_is_alive(void **state)
{
    fixture *const fx = *state;
    assert_true(fx->engine->is_alive(fx->conn));
    gw_err e = {0};
    assert_int_equal(try_exec(fx->conn, "SELECT 1,, 2", &e), GODWIT_FAILED);
    assert_true(fx->engine->is_alive(fx->conn));
}
