#include "db/lease.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/heart.h"

enum { READ_COLUMNS = 8, TAKE_ROUNDS = 3 };

struct gw_lease {
    gw_lease_table table;
    const char *token, *owner, *length; /* as parameters */
    int64_t length_ms;
    gw_heart *heart;
};

/* The row, as GW_SQL_LEASE_READ gives it. */
typedef struct row {
    gw_arena *arena;
    bool found;
    const char *token, *owner, *who, *session, *since, *writes, *query;
    int64_t left_ms;
} row;

static gw_rc
run(const gw_lease_table *t, const char *sql, const gw_param *params, size_t count, gw_err *e)
{
    return t->conn->engine->query(t->conn, sql, params, count, NULL, NULL, e);
}

static bool
take_row(void *ctx, size_t columns, const char *const *v)
{
    row *const r = ctx;
    (void)columns;
    assert(columns == READ_COLUMNS);
    r->found = true;
    r->token = gw_text(r->arena, v[0]);
    r->owner = gw_text(r->arena, v[1]);
    r->who = gw_text(r->arena, v[2]);
    r->session = gw_text(r->arena, v[3]);
    r->since = gw_text(r->arena, v[4]);
    r->writes = gw_text(r->arena, v[5]);
    r->left_ms = v[6] == NULL ? 0 : strtoll(v[6], NULL, 10);
    r->query = gw_text(r->arena, v[7]);
    return false;
}

static gw_rc
read_row(gw_arena *a, const gw_lease_table *t, row *out, gw_err *e)
{
    *out = (row){.arena = a};
    return t->conn->engine->query(t->conn, t->read, NULL, 0, take_row, out, e);
}

static bool
is_held(const row *r)
{
    return r->found && r->owner != NULL && r->left_ms > 0;
}

static bool
is_owner(const row *r, const char *owner)
{
    return r->owner != NULL && gw_str_is(gw_str_of(owner), r->owner);
}

/* ---- the table ---- */

typedef struct finding {
    bool there;
} finding;

/* The first row has no name: it is about the table of leases. */
static bool
take_finding(void *ctx, size_t columns, const char *const *values)
{
    ((finding *)ctx)->there = columns > 1 && values[1] != NULL;
    return false;
}

gw_rc
gw_lease_find(gw_lease_table *t, gw_err *e)
{
    finding f = {0};
    if (t->exists || t->read == NULL)
        return GODWIT_OK;
    if (t->conn->engine->query(t->conn, t->find, NULL, 0, take_finding, &f, e) != GODWIT_OK)
        return gw_err_note(e, "while looking for the table of leases %s", t->shown);
    t->exists = f.there;
    return GODWIT_OK;
}

/* Several runners may do this at once: whoever loses such a race is told so by an error that looks like any other. What counts is
 * whether the row is there afterwards. It is inserted only when it is not seen: an insert would wait for whoever is behind a fence. */
static gw_rc
make_and_read(gw_arena *a, gw_lease_table *t, row *out, gw_err *e)
{
    const char *const steps[] = {t->schema, t->create, t->read, t->seed, t->read};
    *out = (row){.arena = a};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !out->found; i++) {
        gw_err failure = {0};
        if (steps[i] == NULL ||
            t->conn->engine->query(t->conn, steps[i], NULL, 0, take_row, out, &failure) == GODWIT_OK)
            continue;
        if (failure.rc != GODWIT_FAILED || e->rc == GODWIT_OK)
            *e = failure; /* the first, for when the row is not there in the end */
        if (failure.rc != GODWIT_FAILED)
            return e->rc;
    }
    t->exists = out->found;
    if (out->found)
        *e = (gw_err){0};
    else if (e->rc == GODWIT_OK)
        (void)gw_fail(e, GODWIT_FAILED, "the table of leases %s has no row, although one was inserted", t->shown);
    return e->rc;
}

/* *out is found, unless this fails. */
static gw_rc
read_made(gw_arena *a, gw_lease_table *t, row *out, gw_err *e)
{
    GW_TRY(gw_lease_find(t, e));
    *out = (row){.arena = a};
    if (t->exists && read_row(a, t, out, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the lease %s", t->shown);
    if (out->found || make_and_read(a, t, out, e) == GODWIT_OK)
        return GODWIT_OK;
    gw_err_note(e, "while creating the table of leases %s", t->shown);
    if (e->rc == GODWIT_FAILED && !e->transient)
        gw_err_hint(e, "the lock is a row there: grant the user '%s' what that needs, or let another user create it",
                    t->conn->facts.user);
    return e->rc;
}

/* ---- sessions ---- */

/* How another runner would find this session: empty where its number means nothing to others. */
static const char *
session_text(gw_arena *a, const gw_conn *c)
{
    const gw_facts *const f = &c->facts;
    if (f->pooled || f->session == 0 || f->place == NULL)
        return "";
    return gw_printf(a, "%s %lld", f->place, (long long)f->session);
}

/* The number of a session on our own server, that is not our own; 0: none. */
static int64_t
reachable(gw_arena *a, const gw_conn *c, const char *session)
{
    const char *const place = c->facts.place;
    if (session == NULL || place == NULL || place[0] == '\0' || c->engine->end_session == NULL)
        return 0;
    const size_t len = strlen(place);
    if (!gw_str_starts(gw_str_of(session), place) || session[len] != ' ')
        return 0;
    return gw_str_is(gw_str_of(session), session_text(a, c)) ? 0 : strtoll(session + len + 1, NULL, 10);
}

/* Its owner is gone, or was cut off: what its session still executes must not go on beside us. */
static gw_rc
end_owner(gw_arena *a, const gw_lease_table *t, const row *r, gw_err *e)
{
    gw_conn *const c = t->conn;
    const int64_t session = reachable(a, c, r->session);
    if (session == 0 || c->engine->end_session(c, session, e) == GODWIT_OK)
        return GODWIT_OK;
    gw_err_note(e, "while ending the session of the lease's last owner, %s", r->who == NULL ? "unknown" : r->who);
    return gw_err_hint(e, "what it was doing may still go on: wait for its end, or let an administrator end it");
}

/* ---- taking ---- */

static void
release(void *subject)
{
    const gw_lease *const l = subject;
    gw_conn *const c = l->table.conn;
    gw_err ignored = {0};
    if (!c->engine->is_alive(c))
        return;
    c->engine->rollback(c);
    if (run(&l->table, l->table.free, (gw_param[]){{l->token}, {l->owner}}, 2, &ignored) != GODWIT_OK)
        return; /* it runs out */
}

static gw_rc
keep(gw_arena *a, const gw_lease_params *p, const char *token, gw_lease **out, gw_err *e)
{
    gw_lease *const l = gw_new(a, gw_lease);
    *l = (gw_lease){
        .table = *p->table,
        .token = gw_printf(a, "%lld", strtoll(token, NULL, 10) + 1),
        .owner = gw_text(a, p->owner),
        .length = gw_printf(a, "%lld", (long long)p->length_ms),
        .length_ms = p->length_ms,
    };
    gw_defer(a, release, l);
    *out = l;
    const gw_heart_params heart = {
        .engine = p->table->conn->engine,
        .open = p->open,
        .sql = l->table.beat,
        .params = {{l->token}, {l->owner}, {l->length}},
        .length_ms = p->length_ms,
    };
    return gw_heart_start(a, &heart, &l->heart, e);
}

/* Hits the row as it was read. */
static gw_rc
take_as_read(gw_arena *scratch, const gw_lease_params *p, const row *r, const char *session, bool *hit, gw_err *e)
{
    const gw_lease_table *const t = p->table;
    const gw_param params[] = {
        {r->token}, {p->owner}, {p->who}, {session}, {gw_printf(scratch, "%lld", (long long)p->length_ms)}, {r->writes},
    };
    if (run(t, t->take, params, sizeof(params) / sizeof(params[0]), e) != GODWIT_OK)
        return gw_err_note(e, "while taking the lease %s", t->shown);
    *hit = t->conn->affected == 1;
    return GODWIT_OK;
}

/* Did it run out, and was it seen like this long enough ago? `began`: before it was read. */
static bool
is_over_for_good(const gw_lease_params *p, const row *r, int64_t began)
{
    gw_lease_sighting *const s = p->sighting;
    if (s == NULL)
        return false;
    if (is_held(r)) {
        s->since_ms = 0;
        return false;
    }
    const int64_t token = strtoll(r->token, NULL, 10), writes = r->writes == NULL ? 0 : strtoll(r->writes, NULL, 10);
    if (s->since_ms != 0 && s->token == token && s->writes == writes)
        return began - s->since_ms >= s->apart_ms;
    *s = (gw_lease_sighting){
        .apart_ms = s->apart_ms, .token = token, .writes = writes, .late_ms = -r->left_ms, .since_ms = gw_clock_ms()};
    return false;
}

/* Its session executes: perhaps what keeps everybody from committing, so that he is silent although he lives. */
static bool
is_at_work(gw_arena *a, const gw_conn *c, const row *r)
{
    return reachable(a, c, r->session) != 0 && r->query != NULL && !gw_str_starts(gw_str_of(r->query), "(idle");
}

/* Of an owner that is over for good. *seized false: he was not, or his transaction keeps the row. Where he is at work the row becomes ours
 * first, his session still in it: for whoever comes after us, should we not come to end it. */
static gw_rc
seize(gw_arena *scratch, const gw_lease_params *p, row *r, bool *seized, gw_err *e)
{
    *seized = true;
    if (!is_at_work(scratch, p->table->conn, r))
        return end_owner(scratch, p->table, r, e);
    GW_TRY(take_as_read(scratch, p, r, r->session, seized, e));
    return *seized ? read_made(scratch, p->table, r, e) : GODWIT_OK;
}

/* What an earlier connection of this run holds. */
static gw_rc
free_own(gw_arena *scratch, const gw_lease_params *p, row *r, bool *freed, gw_err *e)
{
    const gw_lease_table *const t = p->table;
    for (int round = 0; round < TAKE_ROUNDS && is_owner(r, p->owner); round++) {
        GW_TRY(end_owner(scratch, t, r, e));
        GW_TRY(run(t, t->free, (gw_param[]){{r->token}, {r->owner}}, 2, e));
        GW_TRY(read_made(scratch, p->table, r, e));
    }
    *freed = r->owner == NULL;
    return GODWIT_OK;
}

static gw_rc
try_once(gw_arena *scratch, const gw_lease_params *p, row *r, bool *taken, gw_err *e)
{
    gw_lease_table *const t = p->table;
    const int64_t began = gw_clock_ms();
    bool may_take = true;
    GW_TRY(read_made(scratch, t, r, e));
    if (r->owner != NULL && !is_owner(r, p->owner)) {
        if (!is_over_for_good(p, r, began))
            return GODWIT_OK;
        GW_TRY(seize(scratch, p, r, &may_take, e));
    }
    if (may_take && is_owner(r, p->owner))
        GW_TRY(free_own(scratch, p, r, &may_take, e));
    return may_take ? take_as_read(scratch, p, r, session_text(scratch, t->conn), taken, e) : GODWIT_OK;
}

gw_rc
gw_lease_try(gw_arena *a, const gw_lease_params *p, gw_lease **out, bool *taken, gw_err *refusal, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_err failure = {0};
    row r;
    *out = NULL;
    *taken = false;
    if (p->length_ms <= 0)
        return gw_fail(e, GODWIT_USAGE, "a lease needs a length");
    const gw_rc rc = try_once(scratch, p, &r, taken, &failure);
    if (rc == GODWIT_FAILED && failure.transient) {
        if (refusal != NULL)
            *refusal = failure;
        return GODWIT_OK;
    }
    if (rc != GODWIT_OK) {
        *e = failure;
        return rc;
    }
    return *taken ? keep(a, p, r.token, out, e) : GODWIT_OK;
}

/* ---- holding ---- */

gw_rc
gw_lease_holder(gw_arena *a, const gw_lease_table *t, bool *is_over, gw_lock_holder *out, gw_err *e)
{
    row r;
    *out = (gw_lock_holder){0};
    if (is_over != NULL)
        *is_over = false;
    if (t->read == NULL || !t->exists)
        return GODWIT_OK;
    if (read_row(a, t, &r, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the lease %s", t->shown);
    if (!r.found || r.owner == NULL || (is_over == NULL && !is_held(&r)))
        return GODWIT_OK;
    if (is_over != NULL)
        *is_over = !is_held(&r);
    *out =
        (gw_lock_holder){.who = r.who == NULL ? r.owner : r.who, .since = r.since, .query = r.query, .is_lease = true};
    return GODWIT_OK;
}

static gw_rc
hint_stood_still(gw_err *e)
{
    return gw_err_hint(e, "the runner, or its way to the server, stood still: `godwit status` tells what is recorded; "
                          "the setting `lease` makes it last longer");
}

const char *
gw_lease_token(const gw_lease *l)
{
    return l->token;
}

gw_rc
gw_lease_check(const gw_lease_table *t, const char *token, gw_err *e)
{
    GW_SCOPE(a);
    row r;
    if (read_row(a, t, &r, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the lease %s", t->shown);
    if (r.found && strcmp(r.token, token) == 0)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_LOCKED, "this run no longer holds the lease %s: %s took it over", t->shown,
                  r.found && r.owner != NULL && r.who != NULL ? r.who : "another runner");
    return hint_stood_still(e);
}

/* Why the fence did not hit, as far as the server tells. */
static gw_rc
fail_lost(const gw_lease *l, gw_err *e)
{
    GW_SCOPE(a);
    gw_err ignored = {0};
    row r;
    const bool is_told = read_row(a, &l->table, &r, &ignored) == GODWIT_OK && r.found;
    if (is_told && r.owner != NULL && !is_owner(&r, l->owner))
        (void)gw_fail(e, GODWIT_LOCKED, "this run no longer holds the lease %s: %s took it over%s%s", l->table.shown,
                      r.who == NULL ? "another runner" : r.who, r.since == NULL ? "" : " at ",
                      r.since == NULL ? "" : r.since);
    else if (gw_heart_has_slept(l->heart))
        (void)gw_fail(e, GODWIT_LOCKED,
                      "this run no longer holds the lease %s: it ran out, since this run, or its machine, slept for "
                      "more than %s",
                      l->table.shown, gw_duration_text(a, l->length_ms));
    else
        (void)gw_fail(e, GODWIT_LOCKED, "this run no longer holds the lease %s: somebody took it away", l->table.shown);
    return hint_stood_still(e);
}

gw_rc
gw_lease_fence(gw_lease *l, gw_err *e)
{
    gw_conn *const c = l->table.conn;
    const gw_param params[] = {{l->token}, {l->owner}, {l->length}};
    assert(c->engine->in_transaction(c));
    if (gw_heart_has_slept(l->heart))
        return fail_lost(l, e);
    if (run(&l->table, l->table.beat, params, sizeof(params) / sizeof(params[0]), e) != GODWIT_OK)
        return gw_err_note(e, "while prolonging the lease %s", l->table.shown);
    return c->affected == 1 ? GODWIT_OK : fail_lost(l, e);
}

gw_rc
gw_lease_release(const gw_lease_table *t, bool force, gw_err *e)
{
    GW_SCOPE(a);
    row r;
    if (t->read == NULL || !t->exists)
        return GODWIT_OK;
    if (read_row(a, t, &r, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the lease %s", t->shown);
    if (!r.found || r.owner == NULL)
        return GODWIT_OK;
    if (is_held(&r) && !force) {
        (void)gw_fail(e, GODWIT_REFUSED, "the lease %s is held by %s since %s, and prolonged", t->shown,
                      r.who == NULL ? r.owner : r.who, r.since == NULL ? "an unknown time" : r.since);
        return gw_err_hint(e, "wait for it, or take it away with `godwit lock release --force`: that run ends then at "
                              "its next step, and keeps nothing of it");
    }
    GW_TRY(end_owner(a, t, &r, e));
    GW_TRY(run(t, t->free, (gw_param[]){{r.token}, {r.owner}}, 2, e));
    if (t->conn->affected == 1)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_LOCKED, "the lease %s changed hands meanwhile", t->shown);
}
