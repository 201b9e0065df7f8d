#include "stage_engine.h"

#include <string.h>

#include "fake_sql.h"
#include "fake_world.h"
#include "stage.h"

static stage *current;

/* ---- connections ---- */

static gw_rc
open_on_stage(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    GW_TRY(gw_fake.open(a, p, out, e));
    (*out)->engine = &current->engine;
    (*out)->facts.dialect.kind = current->engine.dialect;
    if (current->server.place != NULL)
        (*out)->facts.place = current->server.place;
    if (current->on_open != NULL)
        current->on_open(current);
    return GODWIT_OK;
}

static gw_rc
lose(gw_conn *c, gw_err *e)
{
    FAKE_TURN;
    fake_conn_of(c)->dead = true;
    (void)gw_fail(e, GODWIT_CONNECT, "the connection was lost");
    e->transient = true;
    return e->rc;
}

/* ---- statements ---- */

static bool
is_said_only(gw_str sql)
{
    static const char *const openings[] = {
        "LOCK TABLES", "UNLOCK TABLES", "CREATE INDEX", "DROP INDEX",       "VACUUM",          "DO ",          "SET @",
        "SET zone = ", "PREPARE ",      "EXECUTE ",     "CREATE TEMPORARY", "SELECT 1 INTO @", "SET sql_mode",
    };
    for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++)
        if (gw_str_starts(sql, openings[i]))
            return true;
    return false;
}

static gw_rc
say(gw_conn *c, gw_str sql, gw_err *e)
{
    FAKE_TURN;
    return fake_step(fake_conn_of(c), sql, e);
}

static gw_rc
call(gw_conn *c, gw_str sql, gw_err *e)
{
    const stage_server *const server = &current->server;
    GW_TRY(gw_fake.exec(c, gw_str_slice(sql, strlen("CALL "), sql.len), e));
    if (server->call_commits)
        GW_TRY(gw_fake.commit(c, e));
    if (server->call_fails == GODWIT_CONNECT)
        return lose(c, e);
    if (server->call_fails == GODWIT_OK)
        return GODWIT_OK;
    e->transient = server->call_transient;
    return gw_fail(e, server->call_fails, "the procedure failed");
}

static gw_rc
send_statement(gw_conn *c, gw_str sql, gw_err *e)
{
    if (gw_str_starts(sql, "SET autocommit")) {
        current->server.is_autocommit_off = true;
        return say(c, sql, e);
    }
    if (current->server.is_autocommit_off && !gw_fake.in_transaction(c))
        GW_TRY(gw_fake.begin(c, (gw_str){"", 0}, e));
    if (gw_str_starts(sql, "CALL "))
        return call(c, sql, e);
    return is_said_only(sql) ? say(c, sql, e) : gw_fake.exec(c, sql, e);
}

static gw_rc
refused(gw_rc rc, gw_err *e)
{
    if (rc == GODWIT_FAILED && e->transient && current->server.is_lock_wait)
        e->lock_wait = true;
    return rc;
}

static bool
is_lost_after(gw_str sql)
{
    stage_server *const server = &current->server;
    if (server->lose_after == NULL || !gw_str_starts(sql, server->lose_after))
        return false;
    if (server->lose_skip > 0) {
        server->lose_skip--;
        return false;
    }
    if (server->lose_times > 0 && --server->lose_times == 0)
        server->lose_after = NULL;
    return true;
}

static gw_rc
exec(gw_conn *c, gw_str sql, gw_err *e)
{
    if (current->server.on_statement != NULL)
        current->server.on_statement(current, sql);
    GW_TRY(refused(send_statement(c, sql, e), e));
    return is_lost_after(sql) ? lose(c, e) : GODWIT_OK;
}

/* MySQL quotes names in its own way, which the fake does not know. */
static gw_rc
query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_SCOPE(a);
    char *const own = gw_text(a, sql);
    for (char *at = own; current->engine.dialect == GW_DIALECT_MYSQL && (at = strchr(at, '`')) != NULL;)
        *at = '"';
    GW_TRY(refused(gw_fake.query(c, own, params, count, fn, ctx, e), e));
    return is_lost_after(gw_str_of(own)) ? lose(c, e) : GODWIT_OK;
}

static gw_rc
reset(gw_conn *c, gw_err *e)
{
    current->server.is_autocommit_off = false;
    return gw_fake.reset(c, e);
}

/* ---- batches in parts ---- */

static gw_rc
run_op(gw_conn *c, const gw_op *op, gw_err *e)
{
    if (gw_str_is(op->sql, "START TRANSACTION"))
        return gw_fake.begin(c, (gw_str){"", 0}, e);
    if (gw_str_is(op->sql, "COMMIT"))
        return gw_fake.commit(c, e);
    return op->is_bookkeeping ? query(c, op->sql.ptr, op->params, op->count, NULL, NULL, e) : exec(c, op->sql, e);
}

static gw_rc
run_item(gw_conn *c, const gw_batch_item *item, size_t *at, gw_err *e)
{
    *at = 0;
    if (item->transaction)
        GW_TRY(gw_fake.begin(c, (gw_str){"", 0}, e));
    for (; *at < item->count; ++*at)
        GW_TRY(run_op(c, &item->ops[*at], e));
    return item->transaction ? gw_fake.commit(c, e) : GODWIT_OK;
}

static gw_rc
batch(gw_conn *c, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e)
{
    GW_SCOPE(a);
    *end = (gw_batch_end){0};
    GW_TRY(say(c, gw_str_of(gw_printf(a, "batch %zu", count)), e));
    for (; end->done < count; end->done++) {
        fake_sql_begin(&fake_conn_of(c)->session);
        const gw_rc rc = run_item(c, &items[end->done], &end->op, e);
        items[end->done].duration_ms = fake.item_ms;
        if (rc == GODWIT_OK)
            continue;
        if (gw_fake.in_transaction(c))
            gw_fake.rollback(c);
        e->transient = rc != GODWIT_CONNECT && e->transient;
        return rc;
    }
    end->op = 0;
    return GODWIT_OK;
}

/* ---- the engine ---- */

void
stage_engine_begin(stage *s, gw_engine *engine)
{
    current = s;
    *engine = gw_fake;
    engine->open = open_on_stage;
    engine->exec = exec;
    engine->query = query;
    engine->reset = reset;
    engine->batch = batch;
    stage_engine_is(s, STAGE_POSTGRES);
}

/* Into the log: what is foreseen. */
static void
foresee(gw_conn *c, const gw_target *targets, size_t count)
{
    FAKE_TURN;
    GW_SCOPE(scratch);
    gw_buf text = gw_buf_new(scratch);
    (void)c;
    gw_buf_puts(&text, "foresee");
    for (size_t i = 0; i < count; i++)
        gw_buf_printf(&text, " %.*s", GW_STR_ARG(targets[i].name));
    if (count > 0)
        fake_say(gw_buf_text(&text));
}

void
stage_engine_is(stage *s, stage_kind kind)
{
    static const struct {
        unsigned caps, without;
        gw_dialect_kind dialect;
        bool marks_in_batches;
    } kinds[] = {
        [STAGE_POSTGRES] = {0, GW_CAP_GROUP | GW_CAP_CLAIM | GW_CAP_TX_LOCK, GW_DIALECT_POSTGRES, false},
        [STAGE_MYSQL] = {GW_CAP_FORESIGHT,
                         GW_CAP_GROUP | GW_CAP_CLAIM | GW_CAP_TX_LOCK | GW_CAP_TX_DDL | GW_CAP_TIDY | GW_CAP_COPY |
                             GW_CAP_RESET_ALL,
                         GW_DIALECT_MYSQL, true},
        [STAGE_SQLITE] = {GW_CAP_TX_LOCK,
                          GW_CAP_SESSION_LOCK | GW_CAP_LEASE | GW_CAP_BATCH | GW_CAP_STATE | GW_CAP_TIDY |
                              GW_CAP_BLOCKERS | GW_CAP_COPY,
                          GW_DIALECT_POSTGRES, false},
    };
    s->engine.caps = (gw_fake.caps | kinds[kind].caps) & ~kinds[kind].without;
    s->engine.foresee = (s->engine.caps & GW_CAP_FORESIGHT) != 0 ? foresee : NULL;
    s->engine.dialect = kinds[kind].dialect;
    s->engine.sql[GW_SQL_BATCH_MARK] = kinds[kind].marks_in_batches ? gw_fake.sql[GW_SQL_BATCH_MARK] : "";
    s->engine.sql[GW_SQL_BATCH_END] = kinds[kind].marks_in_batches ? gw_fake.sql[GW_SQL_BATCH_END] : "";
}
