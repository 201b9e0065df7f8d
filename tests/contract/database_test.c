#include "contract.h"

/* The connection for creating and dropping; NULL for files. */
static gw_conn *
server_of(fixture *fx)
{
    gw_open_params p = params_of(fx);
    p.maintenance = true;
    return (fx->engine->caps & GW_CAP_DATABASES) != 0 ? open_on(fx->arena, &p) : NULL;
}

static bool
exists(fixture *fx, gw_conn *server, const gw_url *url)
{
    gw_err e = {0};
    bool there = false;
    ok(fx->engine->database_exists(server, url, &there, &e), &e);
    return there;
}

void
creates_and_drops_a_database(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *const server = server_of(fx);
    gw_url url = *fx->url;
    url.database = gw_printf(fx->arena, "%s It's-\"Ünusual", any_name(fx));
    assert_true(exists(fx, server, fx->url));
    assert_false(exists(fx, server, &url));
    ok(fx->engine->database_drop(server, &url, &e), &e);
    ok(fx->engine->database_create(server, &url, &e), &e);
    assert_true(exists(fx, server, &url));
    ok(fx->engine->database_create(server, &url, &e), &e);
    gw_open_params p = params_of(fx);
    p.url = &url;
    gw_arena *const scope = scope_of(fx);
    exec(open_on(scope, &p), "CREATE TABLE t (n INTEGER)");
    gw_undo(fx->arena, scope);
    ok(fx->engine->database_drop(server, &url, &e), &e);
    assert_false(exists(fx, server, &url));
    ok(fx->engine->database_drop(server, &url, &e), &e);
}

void
drops_a_database_that_is_in_use_only_if_that_is_safe(void **state)
{
    fixture *const fx = *state;
    gw_err e = {0};
    gw_conn *const server = server_of(fx);
    gw_url url = *fx->url;
    url.database = any_name(fx);
    ok(fx->engine->database_create(server, &url, &e), &e);
    gw_open_params p = params_of(fx);
    p.url = &url;
    gw_arena *const scope = scope_of(fx);
    gw_conn *const user = open_on(scope, &p);
    exec(user, "CREATE TABLE t (n INTEGER)");
    ok(fx->engine->begin(user, (gw_str){0}, &e), &e);
    if (server == NULL) { /* nobody can end what uses a file */
        assert_int_equal(fx->engine->database_drop(server, &url, &e), GODWIT_LOCKED);
        assert_true(exists(fx, server, &url));
        gw_undo(fx->arena, scope);
        e = (gw_err){0};
    }
    ok(fx->engine->database_drop(server, &url, &e), &e);
    assert_false(exists(fx, server, &url));
}
