#include "engine/postgres/connect.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "engine/postgres/error.h"
#include "engine/postgres/options.h"
#include "engine/postgres/send.h"
#include "engine/postgres/settings.h"
#include "engine/postgres/wire.h"
#include "postgres_sql.h"
#include "sql/quote.h"

static void
close_session(void *subject)
{
    gw_pg *const c = subject;
    const int wake = c->wake;
    c->wake = -1;
    if (c->request != NULL)
        (void)gw_pg_request_end(c->request, 0);
    PQfinish(c->link); /* non-blocking: it does not wait for anybody */
    c->request = NULL;
    c->link = NULL;
    if (wake >= 0)
        close(wake);
}

/* ---- made within a time ---- */

static int64_t
give_up_at(const gw_open_params *p, const gw_pg_options *o)
{
    const int64_t each =
        !o->timeout_in_url && p->connect_timeout_ms > 0 ? p->connect_timeout_ms : o->connect_timeout_ms;
    const int64_t until_ms = each <= 0 ? 0 : gw_clock_ms() + each * (int64_t)o->hosts;
    return p->until_ms != 0 && (until_ms == 0 || p->until_ms < until_ms) ? p->until_ms : until_ms;
}

static gw_rc
fail_timeout(const gw_pg *c, int64_t ms, gw_err *e)
{
    GW_SCOPE(a);
    const char *const host = PQhost(c->link);
    const char *const port = PQport(c->link);
    gw_fail(e, GODWIT_CONNECT, "no answer from '%s', port %s, within %s", host == NULL ? "" : host,
            port == NULL ? "" : port, gw_duration_text(a, ms));
    e->transient = true;
    return gw_err_hint(e, "is the server running there, and does a firewall let us through?");
}

static gw_rc
refuse(const gw_pg *c, ConnStatusType phase, const gw_pg_options *o, gw_err *e)
{
    return gw_pg_fail_connect(&(gw_pg_refusal){.link = c->link, .phase = phase, .verified = o->verified}, e);
}

/* Until the server is ready for the next step, the time is over (*in_time false), or somebody asks to stop. */
static gw_rc
await_server(gw_pg *c, const gw_open_params *p, PostgresPollingStatusType next, int64_t until_ms, bool *in_time,
             gw_err *e)
{
    for (*in_time = true;;) {
        struct pollfd fds[] = {
            {.fd = PQsocket(c->link), .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT},
            {.fd = gw_interrupt_fd(p->interrupt), .events = POLLIN},
        };
        const int64_t left = until_ms - gw_clock_ms();
        const int ready = poll(fds, 2, until_ms == 0 ? -1 : left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0 && fds[1].revents != 0)
            return gw_fail(e, GODWIT_INTERRUPTED, "interrupted while connecting");
        if (ready > 0)
            return GODWIT_OK;
        *in_time = until_ms == 0 || gw_clock_ms() < until_ms;
        if (!*in_time)
            return GODWIT_OK;
    }
}

static gw_rc
make(gw_pg *c, const gw_open_params *p, const gw_pg_options *o, gw_err *e)
{
    const int64_t until_ms = give_up_at(p, o);
    const int64_t begun = gw_clock_ms();
    c->link = PQconnectStartParams(o->keywords.at, o->values.at, 0);
    if (PQstatus(c->link) == CONNECTION_BAD)
        return refuse(c, CONNECTION_BAD, o, e);
    (void)PQsetNoticeReceiver(c->link, gw_pg_hear, c);
    (void)PQsetErrorVerbosity(c->link, PQERRORS_VERBOSE); /* the only way to the SQLSTATE of a refusal */
    for (PostgresPollingStatusType next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;) {
        bool in_time;
        GW_TRY(await_server(c, p, next, until_ms, &in_time, e));
        if (!in_time)
            return fail_timeout(c, gw_clock_ms() - begun, e);
        const ConnStatusType phase = PQstatus(c->link);
        next = PQconnectPoll(c->link);
        if (next == PGRES_POLLING_FAILED)
            return refuse(c, phase, o, e);
    }
    return PQsetnonblocking(c->link, 1) == 0 ? GODWIT_OK : refuse(c, CONNECTION_OK, o, e);
}

/* ---- asked what it is ---- */

/* Servers that speak the protocol and keep no session lock that we could trust. */
static const struct {
    const char *mark, *product;
} flavours[] = {{"CockroachDB", "CockroachDB"}, {"-YB-", "YugabyteDB"}, {"Redshift", "Redshift"}};

/* Columns of facts.sql; behind them those of gw_pg_settings_ask(). */
typedef enum fact {
    FACT_VERSION,
    FACT_WHOLE_VERSION,
    FACT_DATABASE,
    FACT_SCHEMA,
    FACT_USER,
    FACT_READ_ONLY,
    FACT_BACKSLASH,
    FACT_SESSION,
    FACT_PLACE,
    FACT_ROLE,
    FACT_AUTHORIZATION,
    FACT_APPLICATION,
    FACT_TIME_ZONE,
    FACT_DATE_STYLE
} fact;

typedef struct answer {
    gw_arena *arena;
    gw_pg *c;
    const gw_open_params *p;
    bool is_first_row; /* the facts; others answer the caller's query */
} answer;

static bool
is_true(const char *value)
{
    return value != NULL && value[0] == 't';
}

/* What the start-up packet said lasts in our sessions; a pooled one forgets it with RESET ALL. */
static const char *
said_at_start(gw_arena *a, const gw_pg *c, const char *const *v)
{
    const struct {
        const char *name, *value;
    } settings[] = {
        {"client_encoding", "UTF8"},
        {"application_name", v[FACT_APPLICATION]},
        {"TimeZone", v[FACT_TIME_ZONE]},
        {"DateStyle", v[FACT_DATE_STYLE]},
    };
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        gw_buf_printf(&out, "SET %s = ", settings[i].name);
        gw_quote_string(&out, gw_str_of(settings[i].value), c->head.facts.dialect);
        gw_buf_puts(&out, ";\n");
    }
    return gw_buf_text(&out);
}

/* A pooler makes up the number that it gives us for the session. */
static void
take_session(gw_pg *c, const char *pid)
{
    gw_facts *const f = &c->head.facts;
    f->session = strtoll(pid, NULL, 10);
    f->pooled = !f->cluster && f->session != PQbackendPID(c->link);
    if (f->pooled)
        f->session = 0; /* of one transaction */
}

static void
take_facts(gw_arena *a, gw_pg *c, size_t columns, const char *const *v)
{
    gw_facts *const f = &c->head.facts;
    gw_str rest;
    f->product = "PostgreSQL";
    f->version = gw_strdup(a, gw_str_cut(gw_str_of(v[FACT_VERSION]), ' ', &rest));
    for (size_t i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++)
        if (strstr(v[FACT_WHOLE_VERSION], flavours[i].mark) != NULL) {
            f->product = flavours[i].product;
            f->cluster = true;
        }
    f->database = gw_text(a, v[FACT_DATABASE]);
    f->schema = gw_text(a, v[FACT_SCHEMA]);
    f->user = gw_text(a, v[FACT_USER]);
    f->read_only = is_true(v[FACT_READ_ONLY]);
    f->dialect.backslash_in_strings = is_true(v[FACT_BACKSLASH]);
    f->place = gw_text(a, v[FACT_PLACE]);
    take_session(c, v[FACT_SESSION]);
    c->role = gw_text(a, v[FACT_ROLE]);
    c->authorization = gw_text(a, v[FACT_AUTHORIZATION]);
    c->said = said_at_start(a, c, v);
    c->watches_client = v[columns - 1] != NULL;
}

static bool
take_row(void *ctx, size_t columns, const char *const *values)
{
    answer *const row = ctx;
    if (!row->is_first_row)
        return row->p->first_fn == NULL || row->p->first_fn(row->p->first_ctx, columns, values);
    row->is_first_row = false;
    take_facts(row->arena, row->c, columns, values);
    return true;
}

/* All in one round trip. The facts come before the settings: read_only is the server's word, not the echo of ours. */
static gw_rc
ask_facts(gw_arena *a, gw_pg *c, const gw_open_params *p, const char *first, gw_err *e)
{
    GW_SCOPE(scope);
    answer row = {.arena = a, .c = c, .p = p, .is_first_row = true};
    gw_buf sql = gw_buf_new(scope);
    gw_buf_puts(&sql, gw_sql_facts);
    gw_pg_settings_ask(&sql, c);
    if (first != NULL)
        gw_buf_printf(&sql, ";\n%s", first);
    c->head.facts.atomic_ddl = true;
    c->head.facts.dialect.kind = GW_DIALECT_POSTGRES;
    c->encoding = PQclientEncoding(c->link);
    return gw_pg_ask(c, gw_buf_text(&sql), take_row, &row, e);
}

/* A server that does not answer does not hold up whoever wants to end. */
static gw_rc
ask_in_time(gw_arena *a, gw_pg *c, const gw_open_params *p, gw_err *e)
{
    gw_err failure = {0};
    const int64_t begun = gw_clock_ms();
    c->interrupt = p->interrupt;
    c->until_ms = p->until_ms;
    gw_rc rc = ask_facts(a, c, p, p->first, &failure);
    if (rc == GODWIT_FAILED && p->otherwise != NULL && !c->gave_up) { /* all that was said in that message is undone */
        failure = (gw_err){0};
        c->watches_client = false;
        rc = ask_facts(a, c, p, p->otherwise, &failure);
    }
    c->interrupt = NULL;
    c->until_ms = 0;
    if (rc != GODWIT_OK && c->gave_up && gw_interrupt_is_asked(p->interrupt))
        return gw_fail(e, GODWIT_INTERRUPTED, "interrupted while connecting");
    if (rc != GODWIT_OK && c->gave_up)
        return fail_timeout(c, gw_clock_ms() - begun, e);
    *e = failure;
    return rc;
}

static gw_rc
establish(gw_arena *a, gw_pg *c, const gw_open_params *p, const char *maintenance, gw_err *e)
{
    gw_pg_options o;
    GW_TRY(gw_pg_options_read(a, p->url, maintenance, &o, e));
    c->database = o.database;
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->wake < 0)
        return gw_fail(e, GODWIT_IO, "cannot open an event descriptor: %s", strerror(errno));
    GW_TRY(make(c, p, &o, e));
    return ask_in_time(a, c, p, e);
}

static gw_rc
open_database(gw_arena *a, const gw_open_params *p, const char *maintenance, gw_conn **out, gw_err *e)
{
    gw_pg *const c = gw_new(a, gw_pg);
    *c = (gw_pg){
        .notice = p->notice,
        .notice_ctx = p->notice_ctx,
        .lock_timeout_ms = p->lock_timeout_ms,
        .lock_timeout_now_ms = p->lock_timeout_ms,
        .read_only = p->read_only,
        .wake = -1,
        .drop_ms = -1,
    };
    gw_defer(a, close_session, c);
    const gw_rc rc = establish(a, c, p, maintenance, e);
    if (rc == GODWIT_OK)
        *out = &c->head;
    else
        gw_undo(a, c); /* a retry comes: the failed one does not wait for the arena */
    return rc;
}

static bool
is_refused_database(const gw_err *e)
{
    return gw_pg_is_missing_database(e) || (e->rc == GODWIT_CONNECT && strcmp(e->code, "42501") == 0);
}

gw_rc
gw_pg_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    gw_err first = {0}, second = {0};
    *out = NULL;
    GW_TRY(gw_pg_library_load(e));
    if (!p->maintenance)
        return open_database(a, p, NULL, out, e);
    if (open_database(a, p, "postgres", out, &first) != GODWIT_OK && is_refused_database(&first) &&
        open_database(a, p, "template1", out, &second) == GODWIT_OK)
        return GODWIT_OK;
    *e = first;
    return e->rc;
}

bool
gw_pg_is_missing_database(const gw_err *e)
{
    return e->rc == GODWIT_CONNECT && strcmp(e->code, "3D000") == 0;
}
