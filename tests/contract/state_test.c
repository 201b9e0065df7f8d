/* The contract: objects that can be compared before and after a statement (GW_CAP_STATE). */
#include "contract.h"

/* False, after a look that it says so: this engine compares nothing. */
static bool
compares(const fixture *fx)
{
    const bool can = (fx->engine->caps & GW_CAP_STATE) != 0;
    if (!can)
        assert_null(fx->engine->state);
    return can;
}

static const char *
state_of(fixture *fx, gw_target_role role, const char *table)
{
    const gw_target t = {.role = role, .kind = GW_OBJECT_TABLE, .name = gw_str_of(table)};
    const char *const expression = fx->engine->state(fx->arena, fx->conn, &t);
    assert_non_null(expression);
    const char *const row = rows_of(fx, fx->conn, gw_printf(fx->arena, "SELECT %s", expression), NULL, 0);
    const size_t len = strspn(row, "abcdefghijklmnopqrstuvwxyz0123456789");
    if (len == 0 || strcmp(row + len, "\n") != 0)
        fail_msg("'%s' is no state", row);
    return gw_strdup(fx->arena, (gw_str){row, len});
}

void
tells_a_table_from_none(void **state)
{
    fixture *const fx = *state;
    if (!compares(fx))
        return;
    const char *const table = any_name(fx);
    drop_later(fx, say(fx, "DROP TABLE IF EXISTS {t}", table));
    for (int again = 0; again < 2; again++) {
        assert_string_equal(state_of(fx, GW_TARGET_CREATED, table), "absent");
        assert_string_equal(state_of(fx, GW_TARGET_DROPPED, table), "absent");
        assert_string_equal(state_of(fx, GW_TARGET_CHANGED, table), "absent");
        exec(fx->conn, say(fx, "CREATE TABLE {t} (n INTEGER)", table));
        assert_string_not_equal(state_of(fx, GW_TARGET_CREATED, table), "absent");
        assert_string_not_equal(state_of(fx, GW_TARGET_DROPPED, table), "absent");
        assert_string_not_equal(state_of(fx, GW_TARGET_CHANGED, table), "absent");
        exec(fx->conn, say(fx, "DROP TABLE {t}", table));
    }
}

void
tells_a_table_from_what_it_was(void **state)
{
    fixture *const fx = *state;
    if (!compares(fx))
        return;
    const char *const table = new_table(fx);
    const char *const before = state_of(fx, GW_TARGET_CHANGED, table);
    exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'a')", table));
    assert_string_equal(state_of(fx, GW_TARGET_CHANGED, table), before);
    exec(fx->conn, say(fx, "ALTER TABLE {t} ADD COLUMN more INTEGER", table));
    const char *const after = state_of(fx, GW_TARGET_CHANGED, table);
    assert_string_not_equal(after, before);
    assert_string_not_equal(after, "absent");
    gw_conn *const other = open_another(fx);
    exec(other, say(fx, "INSERT INTO {t} VALUES (2, 'b', 3)", table));
    assert_string_equal(state_of(fx, GW_TARGET_CHANGED, table), after);
}

void
looks_for_a_bare_name_where_it_leads(void **state)
{
    fixture *const fx = *state;
    if (!compares(fx) || fx->words->elsewhere == NULL)
        return;
    gw_err e = {0};
    const char *const table = new_table(fx);
    assert_string_not_equal(state_of(fx, GW_TARGET_CREATED, table), "absent");
    exec(fx->conn, fx->words->elsewhere);
    const bool is_found = try_exec(fx->conn, say(fx, "INSERT INTO {t} VALUES (1, 'a')", table), &e) == GODWIT_OK;
    assert_int_equal(strcmp(state_of(fx, GW_TARGET_CREATED, table), "absent") != 0, is_found);
    gw_err resetting = {0};
    ok(fx->engine->reset(fx->conn, &resetting), &resetting);
    assert_string_not_equal(state_of(fx, GW_TARGET_CREATED, table), "absent");
}

static const char *
expression_of(fixture *fx, const char *table)
{
    const gw_target t = {.role = GW_TARGET_CREATED, .kind = GW_OBJECT_TABLE, .name = gw_str_of(table)};
    return fx->engine->state(fx->arena, fx->conn, &t);
}

/* Does the server look at no table for it? */
static bool
is_foreseen(fixture *fx, const char *table)
{
    return strcasestr(expression_of(fx, table), "information_schema") == NULL;
}

void
foresees_what_is_not_there(void **state)
{
    fixture *const fx = *state;
    if ((fx->engine->caps & GW_CAP_FORESIGHT) == 0 || fx->words->elsewhere == NULL)
        return;
    const char *const there = new_table(fx);
    const char *const absent = any_name(fx), *const later = any_name(fx);
    const gw_target targets[] = {
        {.role = GW_TARGET_CREATED, .kind = GW_OBJECT_TABLE, .name = gw_str_of(there)},
        {.role = GW_TARGET_CREATED, .kind = GW_OBJECT_TABLE, .name = gw_str_of(absent)},
        {.role = GW_TARGET_CREATED, .kind = GW_OBJECT_TABLE, .name = gw_str_of(later), .lenient = true},
        {.role = GW_TARGET_CREATED, .kind = GW_OBJECT_TABLE, .name = GW_STR_LIT("caf\xC3\xA9")},
    };
    const size_t count = sizeof(targets) / sizeof(targets[0]);
    exec(fx->conn, fx->words->elsewhere); /* what a file left */
    fx->engine->foresee(fx->conn, targets, count);
    assert_true(is_foreseen(fx, absent));
    assert_string_equal(state_of(fx, GW_TARGET_CREATED, absent), "absent");
    assert_false(is_foreseen(fx, there));
    assert_string_not_equal(state_of(fx, GW_TARGET_CREATED, there), "absent");
    assert_false(is_foreseen(fx, later));
    assert_false(is_foreseen(fx, "caf\xC3\xA9"));
    drop_later(fx, say(fx, "DROP TABLE IF EXISTS {t}", absent));
    exec(fx->conn, say(fx, "CREATE TABLE {t} (n INTEGER)", absent));
    fx->engine->foresee(fx->conn, NULL, 0);
    assert_false(is_foreseen(fx, absent));
    assert_string_not_equal(state_of(fx, GW_TARGET_CREATED, absent), "absent");
}

void
says_when_it_cannot_compare(void **state)
{
    fixture *const fx = *state;
    if (!compares(fx))
        return;
    const gw_target nothing = {.role = GW_TARGET_CHANGED, .kind = GW_OBJECT_OTHER, .name = GW_STR_LIT("whatever")};
    assert_null(fx->engine->state(fx->arena, fx->conn, &nothing));
}
