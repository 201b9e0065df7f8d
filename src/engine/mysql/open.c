#include "engine/mysql/open.h"

#include <assert.h>

#include "base/clock.h"
#include "engine/mysql/attempt.h"
#include "engine/mysql/connection.h"
#include "engine/mysql/engine.h"
#include "engine/mysql/facts.h"
#include "engine/mysql/foresight.h"
#include "engine/mysql/guard.h"

#include "base/ban.h"

#define UNKNOWN_VARIABLE "1193"

static void
close_connection(void *subject)
{
    gw_mysql_conn *const c = subject;
    gw_mysql_foresight_end(c);
    gw_mysql_cancel_close(&c->cancel);
    gw_mysql_hang_up(c->my);
}

/* ---- the first words ---- */

typedef struct opening {
    gw_mysql_facts_answer answer;
    const gw_open_params *p;
    gw_mysql_conn *c;
    bool is_refused; /* what the caller wants to know */
} opening;

/* How the session is to be, what the server is, and what the caller wants to know. */
static gw_rc
speak(opening *o, gw_err *e)
{
    enum { MOST = 4 };
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = o->c;
    gw_mysql_part parts[MOST] = {{.sql = {"", 0}}};
    size_t count = 0, done;
    gw_err failure = {0};
    gw_buf set = gw_buf_new(scratch), facts = gw_buf_new(scratch);
    gw_buf_puts(&set, "SET ");
    gw_mysql_session_opening(&c->session, o->p, &set);
    gw_mysql_facts_query(c, &facts);
    c->session.changed = false;
    parts[count++] = (gw_mysql_part){.sql = gw_buf_str(&set), .is_users = true}; /* is it told that this changed? */
    if (o->p->read_only)
        parts[count++] = (gw_mysql_part){.sql = GW_STR_LIT("SET SESSION TRANSACTION READ ONLY")};
    parts[count++] = (gw_mysql_part){.sql = gw_buf_str(&facts), .fn = gw_mysql_facts_take, .ctx = &o->answer};
    if (o->p->first != NULL)
        parts[count++] = (gw_mysql_part){.sql = gw_str_of(o->p->first), .fn = o->p->first_fn, .ctx = o->p->first_ctx};
    const gw_rc rc = gw_mysql_send_parts(c, parts, count, &done, &failure);
    o->is_refused = rc == GODWIT_FAILED && o->p->first != NULL && o->p->otherwise != NULL && done + 1 == count;
    if (rc != GODWIT_OK && !o->is_refused) {
        *e = failure;
        return rc;
    }
    c->session.tells = c->session.changed;
    c->session.changed = false;
    c->session.is_known = true; /* it was just read */
    return GODWIT_OK;
}

static bool
take_name(void *ctx, size_t columns, const char *const *values)
{
    const opening *const o = ctx;
    (void)columns;
    assert(columns >= 1);
    gw_map_put(o->c->session.flavour.known, gw_str_of(values[0]), o->c);
    return true;
}

static gw_rc
greet(opening *o, gw_err *e)
{
    gw_mysql_conn *const c = o->c;
    for (;;) {
        gw_err failure = {0};
        if (speak(o, &failure) == GODWIT_OK)
            return GODWIT_OK;
        const bool unknown = strcmp(failure.code, UNKNOWN_VARIABLE) == 0;
        if (unknown && c->session.flavour.known == NULL) {
            /* A fork, or a proxy that gives another version than the server's: ask for the names instead of knowing them. */
            c->session.flavour.known = gw_map_new(o->answer.a);
            GW_TRY(gw_mysql_send(c, GW_STR_LIT("SHOW SESSION VARIABLES"), take_name, o, e));
        } else if (failure.rc == GODWIT_FAILED && !c->refuses_several) {
            c->refuses_several = true; /* not every server that says it would takes several in a packet */
        } else {
            *e = failure;
            return e->rc;
        }
    }
}

static bool
take_ready(void *ctx, size_t columns, const char *const *values)
{
    bool *const is_off = ctx;
    *is_off = columns > 1 && gw_str_is_nocase(gw_str_of(values[1]), "OFF");
    return false;
}

/* A node without the others refuses, or lets whoever waits for them wait until his time is over. */
static gw_rc
fail_alone(const gw_mysql_conn *c, gw_err *e)
{
    (void)gw_fail(
        e, GODWIT_CONNECT,
        "could not connect to %s: the node is not in the primary component of its cluster (wsrep_ready is OFF)",
        c->target.shown);
    e->transient = true;
    return gw_err_hint(e, "connect to another node, or wait until this one has found the others again");
}

/* MariaDB that is part of no cluster says that it is not ready, too. */
static bool
takes_part(const gw_mysql_conn *c)
{
    const gw_str on = gw_str_of(gw_mysql_session_began(&c->session, "wsrep_on"));
    return !gw_str_is(on, "0") && !gw_str_is_nocase(on, "OFF");
}

/* Another node may have committed what we are about to read: wait for it. Vitess and TiDB know no such variable. */
static gw_rc
wait_for_others(gw_mysql_conn *c, gw_err *e)
{
    enum { COUNT = 3 };
    gw_err failure = {0};
    bool is_off = false;
    size_t done;
    const size_t column = gw_mysql_variable_column(&c->session.flavour, "wsrep_sync_wait");
    gw_mysql_part parts[COUNT] = {
        {.sql = GW_STR_LIT("SET SESSION wsrep_sync_wait = 0")}, /* it tells about itself without waiting */
        {.sql = GW_STR_LIT("SHOW STATUS LIKE 'wsrep_ready'"), .fn = take_ready, .ctx = &is_off},
        {.sql = GW_STR_LIT("SET SESSION wsrep_sync_wait = 15")},
    };
    if (!c->head.facts.cluster)
        return GODWIT_OK;
    const gw_rc rc = gw_mysql_send_parts(c, parts, COUNT, &done, &failure);
    if (is_off && takes_part(c))
        return fail_alone(c, e);
    if (rc == GODWIT_OK && column < c->session.began.len)
        c->session.began.at[column] = "15"; /* not what reset() would put back */
    if (rc != GODWIT_OK && strcmp(failure.code, UNKNOWN_VARIABLE) != 0)
        *e = failure;
    return e->rc;
}

/* Once more where the server refused, and where it answered before it had waited for the other nodes. */
static gw_rc
ask_otherwise(const opening *o, gw_err *e)
{
    const gw_open_params *const p = o->p;
    if (p->otherwise == NULL || (!o->is_refused && !o->c->head.facts.cluster))
        return GODWIT_OK;
    return gw_mysql_send(o->c, gw_str_of(p->otherwise), p->first_fn, p->first_ctx, e);
}

/* A server that does not answer does not hold up whoever wants to end. */
static gw_rc
greet_in_time(opening *o, gw_err *e)
{
    gw_mysql_conn *const c = o->c;
    gw_mysql_guard guard;
    gw_err failure = {0};
    gw_mysql_guard_start(&guard, c->cancel.socket, o->p->interrupt, o->p->until_ms);
    gw_rc rc = greet(o, &failure);
    if (rc == GODWIT_OK)
        rc = wait_for_others(c, &failure);
    if (rc == GODWIT_OK)
        rc = ask_otherwise(o, &failure);
    const bool has_shut = gw_mysql_guard_end(&guard);
    if (has_shut && gw_interrupt_is_asked(o->p->interrupt))
        return gw_mysql_fail_interrupted(&c->target, e);
    if (has_shut)
        return gw_mysql_fail_late(&c->target, e);
    *e = failure;
    /* A cluster whose nodes come and go refuses even questions: tried again as where a server does not answer. */
    if (rc == GODWIT_FAILED && e->transient)
        e->rc = GODWIT_CONNECT;
    return rc == GODWIT_OK ? rc : gw_err_note(e, "while connecting to %s", c->target.shown);
}

/* Dialling ends by then too. */
static int64_t
ms_to_dial(const gw_mysql_target *t, const gw_open_params *p)
{
    const int64_t left = p->until_ms - gw_clock_ms();
    if (p->until_ms == 0 || left >= t->connect_timeout_ms)
        return t->connect_timeout_ms;
    return left > 1 ? left : 1;
}

gw_rc
gw_mysql_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    GW_TRY(gw_mysql_library_load(e));
    gw_mysql_conn *const c = gw_new(a, gw_mysql_conn);
    opening o = {.answer = {.a = a, .c = c}, .p = p, .c = c};
    c->head.engine = &gw_mysql;
    c->notice = p->notice;
    c->notice_ctx = p->notice_ctx;
    GW_TRY(gw_mysql_target_read(a, p, &c->target, e));
    gw_mysql_target now = c->target;
    now.connect_timeout_ms = ms_to_dial(&now, p);
    GW_TRY(gw_mysql_attempt(&now, p->interrupt, p->until_ms, &c->my, e));
    gw_mysql_cancel_open(&c->cancel, &c->target, c->my);
    gw_defer(a, close_connection, c);
    c->session.flavour.mariadb = mariadb_connection(c->my) != 0;
    c->session.flavour.version = mysql_get_server_version(c->my);
    c->takes_several = (c->my->server_capabilities & CLIENT_MULTI_STATEMENTS) != 0;
    c->refuses_several = !c->takes_several;
    GW_TRY(greet_in_time(&o, e));
    *out = &c->head;
    return GODWIT_OK;
}

bool
gw_mysql_is_missing_database(const gw_err *e)
{
    return e->rc == GODWIT_CONNECT && strcmp(e->code, "1049") == 0;
}
