#include "fake_engine.h"

#include <assert.h>
#include <string.h>

#include "fake_sql.h"
#include "fake_world.h"

/* ---- databases ---- */

static const char **
database_of(const char *name)
{
    const fake_world *const w = fake_world_get();
    for (size_t i = 0; i < w->databases.len; i++)
        if (w->databases.at[i] != NULL && strcmp(w->databases.at[i], name) == 0)
            return &w->databases.at[i];
    return NULL;
}

static gw_rc
database_exists(gw_conn *c, const gw_url *url, bool *exists, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("database_exists"), e));
    *exists = database_of(url->database) != NULL;
    return GODWIT_OK;
}

static gw_rc
database_create(gw_conn *c, const gw_url *url, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("database_create"), e));
    if (database_of(url->database) == NULL)
        *gw_vec_push(fake_world_get()->arena, &fake_world_get()->databases) =
            gw_text(fake_world_get()->arena, url->database);
    return GODWIT_OK;
}

static gw_rc
database_drop(gw_conn *c, const gw_url *url, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("database_drop"), e));
    const char **const database = database_of(url->database);
    if (database == NULL)
        return GODWIT_OK;
    const fake_world *const w = fake_world_get();
    fake_session dropping = {.database = url->database};
    *database = NULL;
    for (size_t i = 0; i < w->conns.len; i++) {
        fake_conn *const other = w->conns.at[i];
        if (other == NULL || other->params.maintenance || strcmp(other->base.facts.database, url->database) != 0)
            continue;
        other->dead = true;
        fake_conn_leave(other);
    }
    return fake_table_drop_all(&dropping, url->database, "", e);
}

static bool
is_ended_session(const gw_err *e)
{
    return strcmp(e->code, "ended") == 0;
}

static bool
is_missing_database(const gw_err *e)
{
    return e->rc == GODWIT_CONNECT && strcmp(e->code, "3D000") == 0;
}

/* ---- the connection ---- */

static gw_rc
run(gw_conn *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    fake_session *const s = &fake_conn_of(c)->session;
    GW_TRY(fake_step(fake_conn_of(c), sql, e));
    const gw_rc rc = fake_sql_run(s, sql, params, count, fn, ctx, e);
    c->affected = s->affected;
    return rc;
}

static gw_rc
query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    FAKE_TURN;
    return run(c, gw_str_of(sql), params, count, fn, ctx, e);
}

static gw_rc
exec(gw_conn *c, gw_str sql, gw_err *e)
{
    FAKE_TURN;
    return run(c, sql, NULL, 0, NULL, NULL, e);
}

static void
close_conn(void *subject)
{
    FAKE_TURN;
    fake_conn *const c = subject;
    fake_conn_leave(c);
    fake_world_get()->conns.at[c->number - 1] = NULL;
}

static gw_rc
refuse_open(gw_err *e, const char *code, bool transient, const char *text, const char *name)
{
    gw_fail(e, GODWIT_CONNECT, "%s: %s", text, name);
    gw_err_copy(e->code, sizeof(e->code), gw_str_of(code));
    e->transient = transient;
    return e->rc;
}

static gw_rc
check_url(const gw_open_params *p, gw_err *e)
{
    if (p->url->params.len > 0)
        return gw_fail(e, GODWIT_USAGE, "the parameter %s means nothing here", p->url->params.at[0].name);
    if (p->url->port == 1)
        return refuse_open(e, "", true, "nobody listens", p->url->host);
    if (p->url->password != NULL && strcmp(p->url->password, "secret") != 0)
        return refuse_open(e, "28P01", false, "wrong password", p->url->user);
    if (!p->maintenance && database_of(p->url->database) == NULL)
        return refuse_open(e, "3D000", false, "no such database", p->url->database);
    return GODWIT_OK;
}

static gw_rc
ask_first(gw_conn *c, const gw_open_params *p, gw_err *e)
{
    gw_err failure = {0};
    if (p->first == NULL)
        return GODWIT_OK;
    const gw_rc rc = query(c, p->first, NULL, 0, p->first_fn, p->first_ctx, &failure);
    if (rc == GODWIT_FAILED && p->otherwise != NULL)
        return query(c, p->otherwise, NULL, 0, p->first_fn, p->first_ctx, e);
    *e = failure;
    return rc;
}

static gw_rc
open_conn(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    FAKE_TURN;
    fake_world *const w = fake_world_get();
    GW_TRY(fake_step(NULL, GW_STR_LIT("open"), e));
    GW_TRY(check_url(p, e));
    fake_conn *const c = gw_new(a, fake_conn);
    *gw_vec_push(w->arena, &w->conns) = c;
    c->number = (int64_t)w->conns.len;
    c->params = *p;
    c->base.engine = &gw_fake;
    c->base.facts = (gw_facts){
        .product = "Fake",
        .version = "1.0",
        .database = gw_text(a, p->url->database),
        .schema = "public",
        .user = p->url->user == NULL ? "app" : gw_text(a, p->url->user),
        .session = c->number,
        .place = "fake",
        .read_only = fake.read_only,
        .atomic_ddl = true,
        .pooled = fake.pooled,
        .cluster = fake.cluster,
        .dialect = {.kind = GW_DIALECT_POSTGRES},
    };
    c->session = (fake_session){.database = c->base.facts.database,
                                .read_only = fake.read_only || p->read_only,
                                .lock_timeout_ms = p->lock_timeout_ms,
                                .notice = p->notice,
                                .notice_ctx = p->notice_ctx};
    fake_sql_begin(&c->session);
    gw_defer(a, close_conn, c);
    *out = &c->base;
    return ask_first(*out, p, e);
}

static gw_rc
copy_in(gw_conn *c, gw_str sql, gw_str data, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), sql, e));
    return fake_sql_copy(&fake_conn_of(c)->session, sql, data, e);
}

static bool
in_transaction(gw_conn *c)
{
    return fake_conn_of(c)->session.in_transaction;
}

static gw_rc
reset(gw_conn *c, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("reset"), e));
    fake_sql_begin(&fake_conn_of(c)->session);
    return GODWIT_OK;
}

static gw_rc
set_lock_timeout(gw_conn *c, int64_t ms, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("set_lock_timeout"), e));
    fake_conn_of(c)->session.lock_timeout_ms = ms == 0 ? fake_conn_of(c)->params.lock_timeout_ms : ms;
    return GODWIT_OK;
}

static void
cancel(gw_conn *c)
{
    atomic_store(&fake_conn_of(c)->session.cancelled, true);
}

static bool
is_alive(gw_conn *c)
{
    return !fake_conn_of(c)->dead;
}

/* ---- objects ---- */

static char *
state(gw_arena *a, gw_conn *c, const gw_target *target)
{
    (void)c;
    if (target->kind == GW_OBJECT_COLUMN)
        return gw_printf(a, "STATE_OF %.*s COLUMN %.*s", GW_STR_ARG(target->on), GW_STR_ARG(target->name));
    return target->kind == GW_OBJECT_TABLE && target->name.len > 0
               ? gw_printf(a, "STATE_OF %.*s", GW_STR_ARG(target->name))
               : NULL;
}

static gw_rc
tidy(gw_conn *c, gw_str sql, bool *completed, gw_err *e)
{
    FAKE_TURN;
    *completed = false;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("tidy"), e));
    *completed = fake.completes != NULL && gw_str_starts(sql, fake.completes);
    return GODWIT_OK;
}

#define COLUMNS                                                                                                        \
    "id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at, finished_at, "    \
    "duration_ms, applied_by, run_id, tool, error, down"

static const char *const schemes[] = {"fake", NULL};

const gw_engine gw_fake = {
    .name = "fake",
    .schemes = schemes,
    .caps = GW_CAP_TX_DDL | GW_CAP_SESSION_LOCK | GW_CAP_COPY | GW_CAP_SCHEMAS | GW_CAP_DATABASES | GW_CAP_LEASE |
            GW_CAP_BATCH | GW_CAP_GROUP | GW_CAP_CLAIM | GW_CAP_STATE | GW_CAP_TIDY | GW_CAP_BLOCKERS |
            GW_CAP_RESET_ALL,
    .dialect = GW_DIALECT_POSTGRES,
    .sql =
        {
            [GW_SQL_HISTORY_EXISTS] = "COLUMNS {schema_text} {table_text} {lease_text}",
            [GW_SQL_HISTORY_HERE] = "",
            [GW_SQL_HISTORY_SCHEMA] = "CREATE SCHEMA {schema}",
            [GW_SQL_HISTORY_CREATE] = "CREATE TABLE {table} (" COLUMNS ")",
            [GW_SQL_HISTORY_LIST] = "SELECT " COLUMNS " FROM {table} ORDER BY id",
            [GW_SQL_HISTORY_PLAN] = "SELECT " COLUMNS " FROM {table} ORDER BY id",
            [GW_SQL_HISTORY_DOWN] = "SELECT down FROM {table} WHERE id = $1",
            [GW_SQL_HISTORY_NEWEST] = "NEWEST " COLUMNS " FROM {table} WHERE version = $1",
            [GW_SQL_HISTORY_INSERT] =
                "INSERT INTO {table} NEXT VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {fingerprint}, $10, $11, $12, $13, "
                "$14, $15, $16, $17) IF {held}",
            [GW_SQL_HISTORY_LAST_ID] = "LAST NUMBER",
            [GW_SQL_HISTORY_MARK] = "UPDATE {table} SET done = $2, fingerprint = {fingerprint} WHERE id = $1 IF {held}",
            [GW_SQL_HISTORY_END] =
                "UPDATE {table} SET state = $2, done = $3, fingerprint = {fingerprint}, finished_at = $5, "
                "duration_ms = $6, error = $7 WHERE id = $1 IF {held}",
            [GW_SQL_FINGERPRINT] = "APPEND({parameter}, {states})",
            [GW_SQL_BATCH_INSERT] =
                "INSERT INTO {table} NEXT VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {fingerprint}, NOW, ENDED $5, 0, "
                "$13, $14, $15, $16, $17) MUST {held}",
            [GW_SQL_BATCH_MARK] =
                "UPDATE {table} SET done = $2, fingerprint = {fingerprint} WHERE id = LAST MUST {held}",
            [GW_SQL_BATCH_END] = "UPDATE {table} SET state = $2, done = $3, fingerprint = {fingerprint}, "
                                 "finished_at = ENDED $2, error = $7 WHERE id = LAST MUST {held}",
            [GW_SQL_LEASE_CREATE] = "LEASE CREATE {lease}",
            [GW_SQL_LEASE_SEED] = "LEASE SEED {lease}",
            [GW_SQL_LEASE_READ] = "LEASE READ {lease}",
            [GW_SQL_LEASE_TAKE] = "LEASE TAKE {lease}",
            [GW_SQL_LEASE_BEAT] = "LEASE BEAT {lease}",
            [GW_SQL_LEASE_FREE] = "LEASE FREE {lease}",
        },
    .lock_method = "fake lock",
    .current_schema = "HERE",
    .open = open_conn,
    .is_missing_database = is_missing_database,
    .is_ended_session = is_ended_session,
    .exec = exec,
    .query = query,
    .begin = fake_begin,
    .commit = fake_commit,
    .rollback = fake_rollback,
    .in_transaction = in_transaction,
    .reset = reset,
    .set_lock_timeout = set_lock_timeout,
    .cancel = cancel,
    .is_alive = is_alive,
    .copy_in = copy_in,
    .try_lock = fake_try_lock,
    .unlock = fake_unlock,
    .lock_holder = fake_lock_holder,
    .lock_held = fake_lock_held,
    .end_session = fake_end_session,
    .batch = fake_batch,
    .group_begin = fake_group_begin,
    .group_end = fake_group_end,
    .group_drop = fake_group_drop,
    .is_clean = fake_is_clean,
    .claim = fake_claim,
    .unclaim = fake_unclaim,
    .state = state,
    .tidy = tidy,
    .blockers = fake_blockers,
    .database_exists = database_exists,
    .database_create = database_create,
    .database_drop = database_drop,
};
