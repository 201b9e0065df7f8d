#include "engine/postgres/lock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "engine/postgres/backend.h"
#include "engine/postgres/query.h"
#include "engine/postgres/resolve.h"
#include "engine/postgres/transaction.h"
#include "postgres_sql.h"

enum { END_PATIENCE_MS = 5000, END_POLL_MS = 50 };

/* The bigint of a key, as a parameter. */
static gw_param
key_param(gw_arena *a, const char *key)
{
    char *end;
    errno = 0;
    const long long number = strtoll(key, &end, 10);
    const bool plain = errno == 0 && end != key && *end == '\0';
    return (gw_param){gw_printf(a, "%" PRId64, plain ? (int64_t)number : (int64_t)gw_hash64(gw_str_of(key)))};
}

/* A row of one boolean. */
static bool
take_yes(void *ctx, size_t columns, const char *const *values)
{
    bool *const yes = ctx;
    *yes = columns == 1 && gw_str_is(gw_str_of(values[0]), "t");
    return true;
}

/* Taken twice, so that lock_held can give one back and take it again without a gap: asking so costs a tenth of a look into pg_locks. */
#define TRY_TWICE                                                                                                      \
    "CASE WHEN pg_catalog.pg_try_advisory_lock($1::bigint) THEN pg_catalog.pg_try_advisory_lock($1::bigint) ELSE "     \
    "false END"
static const char unlock_twice[] =
    "SELECT pg_catalog.pg_advisory_unlock($1::bigint), pg_catalog.pg_advisory_unlock($1::bigint)";

typedef struct lock_row {
    bool *taken, *quiet;
    bool is_standby;
} lock_row;

static bool
take_lock(void *ctx, size_t columns, const char *const *values)
{
    lock_row *const row = ctx;
    (void)columns;
    *row->taken = gw_str_is(gw_str_of(values[0]), "t");
    *row->quiet = gw_str_is(gw_str_of(values[1]), "t");
    row->is_standby = gw_str_is(gw_str_of(values[2]), "t");
    return true;
}

static gw_rc
refuse_standby(gw_err *e)
{
    gw_fail(e, GODWIT_REFUSED, "the server is a standby: it follows another one, and takes no changes itself");
    return gw_err_hint(e, "give the URL of the server that it follows (DATABASE_URL_MIGRATION), or "
                          "?target_session_attrs=read-write with the hosts of all");
}

/* The question of batches (engine/postgres/batch) goes with it, so that it takes no round trip. */
gw_rc
gw_pg_try_lock(gw_conn *conn, const char *key, bool *taken, gw_err *e)
{
    GW_SCOPE(a);
    const gw_param param = key_param(a, key);
    lock_row row = {.taken = taken, .quiet = &gw_pg_of(conn)->is_quiet};
    const char *const sql =
        gw_printf(a, "SELECT " TRY_TWICE ", %s, pg_catalog.pg_is_in_recovery()", gw_sql_batch_quiet);
    *taken = false;
    GW_TRY(gw_pg_query(conn, sql, &param, 1, take_lock, &row, e));
    gw_pg_of(conn)->holds_lock = *taken;
    return row.is_standby ? refuse_standby(e) : GODWIT_OK;
}

/* An undo: a transaction that is still open ends first, since nothing runs in a failed one. */
void
gw_pg_unlock(gw_conn *conn, const char *key)
{
    gw_pg *const c = gw_pg_of(conn);
    c->holds_lock = false;
    if (!gw_pg_is_alive(conn))
        return;
    GW_SCOPE(a);
    const gw_param param = key_param(a, key);
    gw_err failure = {0}; /* of no use to anybody: the lock ends with the session at the latest */
    gw_pg_rollback(conn);
    c->quiet = true; /* a lock that somebody released already is warned about */
    const gw_rc ignored = gw_pg_query(conn, unlock_twice, &param, 1, NULL, NULL, &failure);
    (void)ignored;
    c->quiet = false;
}

char *
gw_pg_lock_held(gw_arena *a, gw_conn *conn, const char *key)
{
    (void)conn;
    const char *const number = key_param(a, key).text;
    return gw_printf(a,
                     "CASE WHEN pg_catalog.pg_advisory_unlock('%s'::bigint)"
                     " THEN pg_catalog.pg_try_advisory_lock('%s'::bigint) ELSE false END",
                     number, number);
}

gw_rc
gw_pg_lock_holder(gw_arena *a, gw_conn *conn, const char *key, gw_lock_holder *out, gw_err *e)
{
    GW_SCOPE(scope);
    const gw_pg_mark who = {"{who}", gw_pg_backend_who(scope, "l.pid")};
    return gw_pg_backend_find(a, conn, gw_pg_fill(scope, gw_sql_lock_holder, &who, 1), key_param(scope, key).text, out,
                              e);
}

static gw_rc
ask_session(gw_conn *conn, const char *sql, const gw_param *pid, bool *yes, gw_err *e)
{
    gw_pg *const c = gw_pg_of(conn);
    *yes = false;
    c->quiet = true; /* "PID 4711 is not a PostgreSQL server process": it is gone already */
    const gw_rc rc = gw_pg_query(conn, sql, pid, 1, take_yes, yes, e);
    c->quiet = false;
    return rc;
}

gw_rc
gw_pg_end_session(gw_conn *conn, int64_t session, gw_err *e)
{
    GW_SCOPE(a);
    const gw_param pid = {gw_printf(a, "%" PRId64, session)};
    bool there;
    if (session != 0 && session == conn->facts.session)
        return gw_fail(e, GODWIT_FAILED, "session %" PRId64 " is the one that this program uses", session);
    GW_TRY(ask_session(conn, "SELECT pg_catalog.pg_terminate_backend($1::integer)", &pid, &there, e));
    for (const int64_t until = gw_clock_ms() + END_PATIENCE_MS; there; gw_sleep_ms(END_POLL_MS)) {
        GW_TRY(ask_session(conn, gw_sql_session_exists, &pid, &there, e));
        if (there && gw_clock_ms() >= until)
            return gw_fail(e, GODWIT_FAILED, "session %" PRId64 " did not end within 5 s", session);
    }
    return GODWIT_OK;
}

bool
gw_pg_is_ended_session(const gw_err *e)
{
    return strcmp(e->code, "57P01") == 0; /* admin_shutdown */
}
