#include "fake_lease.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fake_world.h"

/* The columns of the table. The time is gw_clock_ms(). */
enum { TOKEN, OWNER, WHO, SESSION, UNTIL, WRITES, FIELDS };
static const char *const fields[FIELDS] = {"token", "owner", "who", "session", "until", "writes"};

typedef struct request {
    fake_session *session;
    fake_table *table;
    const gw_param *params;
    gw_row_fn *fn;
    void *ctx;
    gw_err *e;
} request;

static int64_t
now(void)
{
    return gw_clock_ms() + fake.ahead_ms;
}

static int64_t
left(const fake_row *r)
{
    return r->values[OWNER] == NULL ? 0 : strtoll(r->values[UNTIL], NULL, 10) - now();
}

static bool
is(const char *value, const char *expected)
{
    return value != NULL && expected != NULL && strcmp(value, expected) == 0;
}

static void
count_up(fake_row *r, size_t field)
{
    r->values[field] = gw_printf(fake_table_arena(), "%lld", strtoll(r->values[field], NULL, 10) + 1);
}

static void
set_until(fake_row *r, const char *length)
{
    r->values[UNTIL] = gw_printf(fake_table_arena(), "%lld", (long long)(now() + strtoll(length, NULL, 10)));
}

static gw_rc
create(const request *q)
{
    fake_data *d = NULL;
    if (fake_table_seen(q->session, q->table)->exists)
        return GODWIT_OK;
    GW_TRY(fake_table_change(q->session, q->table, &d, q->e));
    *d = (fake_data){.exists = true, .version = d->version + 1};
    for (size_t i = 0; i < FIELDS; i++)
        *gw_vec_push(fake_table_arena(), &d->columns) = fields[i];
    return GODWIT_OK;
}

static gw_rc
seed(const request *q)
{
    fake_data *d = NULL;
    GW_TRY(fake_table_change(q->session, q->table, &d, q->e));
    if (d->rows.len > 0)
        return GODWIT_OK;
    fake_row *const r = gw_vec_push(fake_table_arena(), &d->rows);
    r->values = gw_new_array(fake_table_arena(), const char *, FIELDS);
    r->values[TOKEN] = r->values[WRITES] = "0";
    return GODWIT_OK;
}

/* "fake 3": a session of this server that is gone is not told. */
static const char *
session_of(const fake_row *r)
{
    const char *const text = r->values[SESSION];
    if (text == NULL || strncmp(text, "fake ", 5) != 0)
        return text;
    const fake_conn *const c = fake_conn_find(strtoll(text + 5, NULL, 10));
    return c == NULL || c->dead ? NULL : text;
}

/* What it runs is told while it waits for another's transaction. */
static const char *
query_of(const fake_row *r)
{
    const char *const text = session_of(r);
    if (text == NULL || strncmp(text, "fake ", 5) != 0)
        return NULL;
    return fake_conn_find(strtoll(text + 5, NULL, 10))->session.waits_for != NULL ? "fake query" : NULL;
}

static gw_rc
read_row(const request *q)
{
    GW_SCOPE(scratch);
    const fake_data *const d = fake_table_seen(q->session, q->table);
    if (d->rows.len == 0 || q->fn == NULL)
        return GODWIT_OK;
    const fake_row *const r = &d->rows.at[0];
    const char *const values[] = {
        r->values[TOKEN],
        r->values[OWNER],
        r->values[WHO],
        session_of(r),
        FAKE_NOW,
        r->values[WRITES],
        gw_printf(scratch, "%lld", (long long)left(r)),
        query_of(r),
    };
    (void)q->fn(q->ctx, sizeof(values) / sizeof(values[0]), values);
    return GODWIT_OK;
}

/* The row to be changed, if it is `token`'s; waits for whoever changed it. */
static gw_rc
lock_row(const request *q, fake_row **out)
{
    fake_data *d = NULL;
    *out = NULL;
    GW_TRY(fake_table_change(q->session, q->table, &d, q->e));
    if (d->rows.len > 0 && is(d->rows.at[0].values[TOKEN], q->params[0].text))
        *out = &d->rows.at[0];
    return GODWIT_OK;
}

static gw_rc
take(const request *q)
{
    gw_arena *const a = fake_table_arena();
    fake_row *r;
    GW_TRY(lock_row(q, &r));
    q->session->affected =
        r != NULL && (r->values[OWNER] == NULL || (left(r) <= 0 && is(r->values[WRITES], q->params[5].text)));
    if (q->session->affected == 0)
        return GODWIT_OK;
    count_up(r, TOKEN);
    count_up(r, WRITES);
    r->values[OWNER] = gw_text(a, q->params[1].text);
    r->values[WHO] = gw_text(a, q->params[2].text);
    r->values[SESSION] = gw_text(a, q->params[3].text);
    set_until(r, q->params[4].text);
    return GODWIT_OK;
}

static gw_rc
beat(const request *q)
{
    fake_row *r;
    GW_TRY(lock_row(q, &r));
    q->session->affected = r != NULL && is(r->values[OWNER], q->params[1].text);
    if (q->session->affected == 0)
        return GODWIT_OK;
    count_up(r, WRITES);
    set_until(r, q->params[2].text);
    return GODWIT_OK;
}

static gw_rc
let_go(const request *q)
{
    fake_row *r;
    GW_TRY(lock_row(q, &r));
    q->session->affected = r != NULL && is(r->values[OWNER], q->params[1].text);
    if (q->session->affected == 0)
        return GODWIT_OK;
    count_up(r, WRITES);
    r->values[OWNER] = NULL;
    return GODWIT_OK;
}

static const struct {
    const char *word;
    bool needs_table;
    gw_rc (*run)(const request *q);
} verbs[] = {
    {"CREATE", false, create}, {"SEED", true, seed}, {"READ", true, read_row},
    {"TAKE", true, take},      {"BEAT", true, beat}, {"FREE", true, let_go},
};

gw_rc
fake_lease_run(fake_session *s, const char *verb, fake_table *t, const gw_param *params, gw_row_fn *fn, void *ctx,
               gw_err *e)
{
    const request q = {.session = s, .table = t, .params = params, .fn = fn, .ctx = ctx, .e = e};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(verbs[i].word, verb) == 0) {
            if (verbs[i].needs_table && !fake_table_seen(s, t)->exists)
                return fake_table_fail(e, "42P01", "no such table", t->name);
            return verbs[i].run(&q);
        }
    return fake_table_fail(e, "42601", "no such word of leases", verb);
}
