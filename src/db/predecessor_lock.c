#include "db/predecessor_lock.h"

#include "base/clock.h"
#include "db/predecessor_beside.h"
#include "db/predecessor_text.h"

enum { PATIENCE_MS = 1000, POLL_MS = 50 };

/* The first column of the first row. */
typedef struct cell {
    gw_arena *a;
    const char *text; /* NULL: SQL null, or no row */
} cell;

static bool
take_cell(void *ctx, size_t columns, const char *const *v)
{
    cell *const out = ctx;
    (void)columns;
    out->text = gw_text(out->a, v[0]);
    return false;
}

static gw_rc
fail_busy(const gw_legacy_table *from, const char *who, gw_err *e)
{
    return gw_fail(e, GODWIT_LOCKED, "%s is at work: %s holds its lock", from->tool->name, who);
}

/* ---- a row ---- */

static gw_rc
check_row(gw_arena *a, gw_conn *c, const gw_legacy_table *from, gw_err *e)
{
    cell holder = {.a = a};
    if (from->lock == NULL)
        return GODWIT_OK;
    GW_TRY(c->engine->query(c, gw_predecessor_text(a, c, from->tool->busy, from), NULL, 0, take_cell, &holder, e));
    if (holder.text == NULL)
        return GODWIT_OK;
    (void)fail_busy(from, holder.text, e);
    return gw_err_hint(e, "wait until it is done; if it died, release its lock with %s itself", from->tool->name);
}

/* ---- a lock of the session ---- */

typedef struct held {
    gw_conn *conn;
    const char *name;
} held;

static void
give_back(void *subject)
{
    const held *const h = subject;
    const gw_engine *const engine = h->conn->engine;
    gw_err ignored = {0};
    if (engine->is_alive(h->conn) &&
        engine->query(h->conn, engine->adopt.unlock, (gw_param[]){{h->name}}, 1, NULL, NULL, &ignored) != GODWIT_OK)
        return; /* it goes with the session */
}

static void
names_of(gw_arena *a, const gw_conn *c, const gw_legacy_table *from, gw_lock_names *out)
{
    const gw_predecessor *const tool = from->tool;
    const bool is_number = c->engine->adopt.lock_is_number;
    const char *const fixed = is_number ? tool->lock_number : tool->lock_name;
    const gw_lock_place place = {.database = c->facts.database,
                                 .schema = from->schema,
                                 .table = from->table,
                                 .quoted = gw_table_text(a, from->schema, from->table, c->facts.dialect),
                                 .is_number = is_number};
    if (fixed != NULL)
        *gw_vec_push(a, out) = fixed;
    else if (tool->lock_names != NULL)
        tool->lock_names(a, &place, out);
}

/* Is it ours, or, where it is only looked at, nobody's? A name may be that of the whole server: another adoption, in another database, has
 * it for a moment. */
static gw_rc
ask_within(gw_arena *a, gw_conn *c, const char *name, bool take, const char **holder, gw_err *e)
{
    const gw_adopt_texts *const texts = &c->engine->adopt;
    const gw_param key[] = {{name}};
    for (const int64_t until = gw_clock_ms() + PATIENCE_MS;; gw_sleep_ms(POLL_MS)) {
        cell ours = {.a = a}, theirs = {.a = a};
        if (take)
            GW_TRY(c->engine->query(c, texts->lock, key, 1, take_cell, &ours, e));
        if (ours.text == NULL)
            GW_TRY(c->engine->query(c, texts->holder, key, 1, take_cell, &theirs, e));
        const bool is_free = take ? ours.text != NULL : theirs.text == NULL;
        *holder = is_free ? NULL : theirs.text == NULL ? "somebody" : theirs.text;
        if (is_free || gw_clock_ms() >= until)
            return GODWIT_OK;
    }
}

static gw_rc
check_session(gw_arena *a, gw_conn *c, const gw_legacy_table *from, const char *name, bool take, gw_err *e)
{
    const char *holder;
    GW_TRY(ask_within(a, c, name, take, &holder, e));
    if (holder != NULL) {
        (void)fail_busy(from, holder, e);
        return gw_err_hint(e, "wait until it is done, and adopt again");
    }
    if (take) {
        held *const h = gw_new(a, held);
        *h = (held){c, name};
        gw_defer(a, give_back, h);
    }
    return GODWIT_OK;
}

gw_rc
gw_predecessor_lock(gw_arena *a, gw_conn *c, const gw_legacy_table *from, bool take, gw_err *e)
{
    gw_lock_names names = {0};
    const bool is_trusted = !c->facts.pooled && !c->facts.cluster;
    if (!gw_predecessor_is_beside(c, from->schema))
        GW_TRY(check_row(a, c, from, e));
    if (c->engine->adopt.lock == NULL)
        return GODWIT_OK;
    names_of(a, c, from, &names);
    for (size_t i = 0; i < names.len; i++)
        GW_TRY(check_session(a, c, from, names.at[i], take && is_trusted, e));
    return GODWIT_OK;
}
