#include "fake_engine.h"

#include <assert.h>
#include <string.h>

#include "fake_sql.h"

typedef struct fake_conn {
    gw_conn base;
    fake_session session;
    gw_open_params params;
    int64_t number;
    bool dead;
} fake_conn;

typedef struct fake_lock {
    const char *key;
    const fake_conn *owner; /* NULL: free */
} fake_lock;

fake_server fake;
static struct {
    gw_arena *arena; /* everything here */
    gw_buf log;
    gw_vec(fake_lock) locks;
    gw_vec(const char *) databases; /* NULL: dropped */
    gw_vec(fake_conn *) conns;      /* NULL: closed */
} world;

static gw_arena *
arena(void)
{
    if (world.arena == NULL) {
        world.arena = gw_arena_new();
        world.log = gw_buf_new(world.arena);
    }
    return world.arena;
}

void
fake_reset(void)
{
    gw_arena_free(world.arena);
    memset(&world, 0, sizeof(world));
    fake = (fake_server){0};
    fake_table_clear();
}

const char *
fake_log(void)
{
    (void)arena();
    return gw_buf_text(&world.log);
}

void
fake_log_clear(void)
{
    world.log = gw_buf_new(arena());
}

void
fake_log_cut(size_t length)
{
    const char *const text = fake_log();
    world.log = gw_buf_new(arena());
    gw_buf_add(&world.log, (gw_str){text, length});
}

/* Every step passes here: it is logged, and refused when the test says so. */
static gw_rc
step(fake_conn *c, gw_str what, gw_err *e)
{
    (void)arena();
    if (c != NULL && c->dead)
        return gw_fail(e, GODWIT_CONNECT, "the fake connection is gone");
    if (c != NULL)
        atomic_store(&c->session.cancelled, false);
    gw_buf_add(&world.log, what);
    gw_buf_putc(&world.log, ';');
    if (fake.refuse == NULL || !gw_str_starts(what, fake.refuse))
        return GODWIT_OK;
    if (fake.refuse_after > 0) {
        fake.refuse_after--;
        return GODWIT_OK;
    }
    if (fake.refuse_times > 0 && --fake.refuse_times == 0)
        fake.refuse = NULL;
    const gw_rc rc = fake.refuse_rc == GODWIT_OK ? GODWIT_FAILED : fake.refuse_rc;
    if (c != NULL && rc == GODWIT_CONNECT)
        c->dead = true;
    gw_fail(e, rc, "refused: %.*s", GW_STR_ARG(what));
    gw_err_copy(e->code, sizeof(e->code), gw_str_of(fake.refuse_code == NULL ? "XX000" : fake.refuse_code));
    e->transient = fake.refuse_transient;
    return rc;
}

static fake_conn *
conn_of(gw_conn *c)
{
    return (fake_conn *)c;
}

/* ---- databases ---- */

static const char **
database_of(const char *name)
{
    for (size_t i = 0; i < world.databases.len; i++)
        if (world.databases.at[i] != NULL && strcmp(world.databases.at[i], name) == 0)
            return &world.databases.at[i];
    return NULL;
}

static gw_rc
database_exists(gw_conn *c, const gw_url *url, bool *exists, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("database_exists"), e));
    *exists = database_of(url->database) != NULL;
    return GODWIT_OK;
}

static gw_rc
database_create(gw_conn *c, const gw_url *url, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("database_create"), e));
    if (database_of(url->database) == NULL)
        *gw_vec_push(arena(), &world.databases) = gw_text(arena(), url->database);
    return GODWIT_OK;
}

static void
end_transaction(fake_conn *c, bool keep)
{
    fake_table_end(&c->session, keep);
    c->session.in_transaction = c->session.read_only_now = false;
}

static void
leave(fake_conn *c)
{
    end_transaction(c, false);
    for (size_t i = 0; i < world.locks.len; i++)
        if (world.locks.at[i].owner == c)
            world.locks.at[i].owner = NULL;
}

static gw_rc
database_drop(gw_conn *c, const gw_url *url, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("database_drop"), e));
    const char **const database = database_of(url->database);
    if (database == NULL)
        return GODWIT_OK;
    const fake_session dropping = {.database = url->database};
    *database = NULL;
    for (size_t i = 0; i < world.conns.len; i++) {
        fake_conn *const other = world.conns.at[i];
        if (other == NULL || other->params.maintenance || strcmp(other->base.facts.database, url->database) != 0)
            continue;
        other->dead = true;
        leave(other);
    }
    return fake_table_drop_all(&dropping, url->database, "", e);
}

static bool
is_missing_database(const gw_err *e)
{
    return e->rc == GODWIT_CONNECT && strcmp(e->code, "3D000") == 0;
}

/* ---- the connection ---- */

static void
close_conn(void *subject)
{
    fake_conn *const c = subject;
    leave(c);
    world.conns.at[c->number - 1] = NULL;
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
open_conn(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    GW_TRY(step(NULL, GW_STR_LIT("open"), e));
    GW_TRY(check_url(p, e));
    fake_conn *const c = gw_new(a, fake_conn);
    *gw_vec_push(arena(), &world.conns) = c;
    c->number = (int64_t)world.conns.len;
    c->params = *p;
    c->base.engine = &gw_fake;
    c->base.facts = (gw_facts){
        .product = "Fake",
        .version = "1.0",
        .database = gw_text(a, p->url->database),
        .schema = "public",
        .user = p->url->user == NULL ? "app" : gw_text(a, p->url->user),
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
    return GODWIT_OK;
}

static gw_rc
query(gw_conn *c, const char *sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_TRY(step(conn_of(c), gw_str_of(sql), e));
    c->affected = 1;
    return fake_sql_run(&conn_of(c)->session, gw_str_of(sql), params, count, fn, ctx, e);
}

static gw_rc
exec(gw_conn *c, gw_str sql, gw_err *e)
{
    GW_TRY(step(conn_of(c), sql, e));
    return fake_sql_run(&conn_of(c)->session, sql, NULL, 0, NULL, NULL, e);
}

static gw_rc
copy_in(gw_conn *c, gw_str sql, gw_str data, gw_err *e)
{
    GW_TRY(step(conn_of(c), sql, e));
    return fake_sql_copy(&conn_of(c)->session, sql, data, e);
}

static gw_rc
begin(gw_conn *c, gw_str own, gw_err *e)
{
    GW_TRY(step(conn_of(c), own.len > 0 ? own : GW_STR_LIT("begin"), e));
    assert(!conn_of(c)->session.in_transaction);
    conn_of(c)->session.in_transaction = true;
    conn_of(c)->session.read_only_now = gw_str_ends(own, "READ ONLY");
    return GODWIT_OK;
}

static gw_rc
commit(gw_conn *c, gw_err *e)
{
    const bool late = fake.refuse_late;
    const gw_rc rc = step(conn_of(c), GW_STR_LIT("commit"), e);
    if (rc == GODWIT_OK || late)
        end_transaction(conn_of(c), true);
    return rc;
}

static void
rollback(gw_conn *c)
{
    gw_buf_puts(&world.log, "rollback;");
    end_transaction(conn_of(c), false);
}

static bool
in_transaction(gw_conn *c)
{
    return conn_of(c)->session.in_transaction;
}

static gw_rc
reset(gw_conn *c, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("reset"), e));
    fake_sql_begin(&conn_of(c)->session);
    return GODWIT_OK;
}

static gw_rc
set_lock_timeout(gw_conn *c, int64_t ms, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("set_lock_timeout"), e));
    conn_of(c)->session.lock_timeout_ms = ms == 0 ? conn_of(c)->params.lock_timeout_ms : ms;
    return GODWIT_OK;
}

static void
cancel(gw_conn *c)
{
    atomic_store(&conn_of(c)->session.cancelled, true);
}

static bool
is_alive(gw_conn *c)
{
    return !conn_of(c)->dead;
}

/* ---- locks ---- */

static fake_lock *
lock_of(const char *key)
{
    for (size_t i = 0; i < world.locks.len; i++)
        if (strcmp(world.locks.at[i].key, key) == 0)
            return &world.locks.at[i];
    fake_lock *const l = gw_vec_push(arena(), &world.locks);
    *l = (fake_lock){.key = gw_text(arena(), key)};
    return l;
}

static gw_rc
try_lock(gw_conn *c, const char *key, bool *taken, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("lock"), e));
    fake_lock *const l = lock_of(key);
    *taken = l->owner == NULL || l->owner == conn_of(c);
    if (*taken)
        l->owner = conn_of(c);
    return GODWIT_OK;
}

static void
unlock(gw_conn *c, const char *key)
{
    gw_buf_puts(&world.log, "unlock;");
    if (lock_of(key)->owner == conn_of(c))
        lock_of(key)->owner = NULL;
}

/* Its bookkeeping texts have no conditions: nobody can take a lock from it. */
static char *
lock_held(gw_arena *a, gw_conn *c, const char *key)
{
    (void)c, (void)key;
    return gw_text(a, "");
}

static gw_rc
lock_holder(gw_arena *a, gw_conn *c, const char *key, gw_lock_holder *out, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("holder"), e));
    const fake_conn *const owner = lock_of(key)->owner;
    *out = (gw_lock_holder){0};
    if (owner != NULL)
        *out = (gw_lock_holder){.who = gw_printf(a, "%s@fake, pid %d", owner->base.facts.user, (int)owner->number),
                                .since = "2026-03-26 17:09:03.123",
                                .session = owner->number};
    return GODWIT_OK;
}

static gw_rc
end_session(gw_conn *c, int64_t session, gw_err *e)
{
    GW_TRY(step(conn_of(c), GW_STR_LIT("end_session"), e));
    fake_conn *const other = session < 1 || (size_t)session > world.conns.len ? NULL : world.conns.at[session - 1];
    if (other == NULL)
        return gw_fail(e, GODWIT_FAILED, "no such session");
    other->dead = true;
    leave(other);
    return GODWIT_OK;
}

#define COLUMNS                                                                                                        \
    "id, version, name, kind, direction, state, checksum, statements, done, fingerprint, started_at, finished_at, "    \
    "duration_ms, applied_by, run_id, tool, error, down"

static const char *const schemes[] = {"fake", NULL};

const gw_engine gw_fake = {
    .name = "fake",
    .schemes = schemes,
    .caps = GW_CAP_TX_DDL | GW_CAP_SESSION_LOCK | GW_CAP_COPY | GW_CAP_SCHEMAS | GW_CAP_DATABASES,
    .dialect = GW_DIALECT_POSTGRES,
    .sql =
        {
            [GW_SQL_HISTORY_EXISTS] = "COLUMNS {table}",
            [GW_SQL_HISTORY_SCHEMA] = "CREATE SCHEMA {schema}",
            [GW_SQL_HISTORY_CREATE] = "CREATE TABLE {table} (" COLUMNS ")",
            [GW_SQL_HISTORY_LIST] = "SELECT " COLUMNS " FROM {table} ORDER BY id",
            [GW_SQL_HISTORY_NEWEST] = "NEWEST " COLUMNS " FROM {table} WHERE version = $1",
            [GW_SQL_HISTORY_INSERT] =
                "INSERT INTO {table} NEXT VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
                "$15, $16, $17)",
            [GW_SQL_HISTORY_LAST_ID] = "LAST NUMBER",
            [GW_SQL_HISTORY_MARK] = "UPDATE {table} SET done = $2, fingerprint = $3 WHERE id = $1",
            [GW_SQL_HISTORY_END] =
                "UPDATE {table} SET state = $2, done = $3, fingerprint = $4, finished_at = $5, duration_ms = $6, "
                "error = $7 WHERE id = $1",
        },
    .lock_method = "fake lock",
    .open = open_conn,
    .is_missing_database = is_missing_database,
    .exec = exec,
    .query = query,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .in_transaction = in_transaction,
    .reset = reset,
    .set_lock_timeout = set_lock_timeout,
    .cancel = cancel,
    .is_alive = is_alive,
    .copy_in = copy_in,
    .try_lock = try_lock,
    .unlock = unlock,
    .lock_holder = lock_holder,
    .lock_held = lock_held,
    .end_session = end_session,
    .database_exists = database_exists,
    .database_create = database_create,
    .database_drop = database_drop,
};
