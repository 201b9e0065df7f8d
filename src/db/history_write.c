#include <assert.h>
#include <stdlib.h>

#include "db/history_row.h"
#include "db/history_write.h"

enum { MARKED = 3, ENDED = 7 };

/* ---- steps ---- */

/* An inner function of three pairs: the same parameters go to a statement of its own and to a step of a batch. */
static gw_op
step(gw_arena *a, const gw_history *h, gw_sql_id id, const char *states, const gw_param *params, size_t count)
{
    const char *const sql = states == NULL ? h->sql[id] : gw_history_text_with(a, &h->text, &h->texts[id], id, states);
    return (gw_op){.sql = gw_str_of(sql), .params = params, .count = count, .is_bookkeeping = true, .text = id};
}

static gw_op
add_step(gw_arena *a, const gw_history *h, gw_sql_id id, const gw_record *r, const char *states)
{
    gw_param *const p = gw_new_array(a, gw_param, GW_ROW_PARAMS);
    gw_history_row_put(a, r, p);
    return step(a, h, id, states, p, GW_ROW_PARAMS);
}

static gw_op
mark_step(gw_arena *a, const gw_history *h, gw_sql_id sql, int64_t id, const gw_mark *mark)
{
    gw_param *const p = gw_new_array(a, gw_param, MARKED);
    p[0].text = gw_history_number(a, id);
    p[1].text = gw_history_number(a, (int64_t)mark->done);
    p[2].text = mark->fingerprint;
    return step(a, h, sql, mark->states, p, MARKED);
}

static gw_op
end_step(gw_arena *a, const gw_history *h, gw_sql_id sql, const gw_record *r)
{
    gw_param *const p = gw_new_array(a, gw_param, ENDED + GW_ROW_PARAMS);
    p[0].text = gw_history_number(a, r->id);
    p[1].text = gw_state_name(r->state);
    p[2].text = gw_history_number(a, (int64_t)r->done);
    p[3].text = r->fingerprint;
    p[4].text = r->finished_at;
    p[5].text = gw_history_number(a, r->duration_ms);
    p[6].text = r->error;
    gw_history_row_put(a, r, p + ENDED);
    return step(a, h, sql, NULL, p, ENDED);
}

/* ---- alone ---- */

static bool
read_number(void *ctx, size_t columns, const char *const *values)
{
    (void)columns;
    assert(columns == 1);
    *(int64_t *)ctx = values[0] == NULL ? 0 : strtoll(values[0], NULL, 10);
    return true;
}

static gw_rc
read_id(const gw_history *h, int64_t *id, gw_err *e)
{
    gw_conn *const c = h->conn;
    *id = c->inserted;
    if (*id == 0)
        GW_TRY(c->engine->query(c, h->sql[GW_SQL_HISTORY_LAST_ID], NULL, 0, read_number, id, e));
    return *id > 0 ? GODWIT_OK : gw_fail(e, GODWIT_FAILED, "the id of the new row of %s cannot be read", h->shown);
}

/* One row: that none was hit means that the lock, or the row itself, is gone. */
static gw_rc
write_fenced(const gw_history *h, const gw_op *w, int64_t *id, gw_err *e)
{
    gw_conn *const c = h->conn;
    if (h->held != NULL)
        GW_TRY(gw_lease_fence(h->held, e));
    GW_TRY(c->engine->query(c, w->sql.ptr, w->params, w->count, NULL, NULL, e));
    if (c->affected != 1)
        return gw_history_fail_lost(h, e);
    return id == NULL ? GODWIT_OK : read_id(h, id, e);
}

/* A fence lasts as long as the transaction that it is in. */
static gw_rc
write_alone(const gw_history *h, const gw_op *w, int64_t *id, gw_err *e)
{
    gw_conn *const c = h->conn;
    if (h->held == NULL || c->engine->in_transaction(c))
        return write_fenced(h, w, id, e);
    gw_rc rc = c->engine->begin(c, (gw_str){"", 0}, e);
    if (rc == GODWIT_OK)
        rc = write_fenced(h, w, id, e);
    if (rc == GODWIT_OK)
        rc = c->engine->commit(c, e);
    if (rc != GODWIT_OK)
        c->engine->rollback(c);
    return rc;
}

static gw_rc
write_row(const gw_history *h, const gw_op *w, int64_t *id, gw_err *e)
{
    if (write_alone(h, w, id, e) != GODWIT_OK && e->rc != GODWIT_LOCKED)
        return gw_err_note(e, "while writing the history table %s", h->shown);
    return e->rc;
}

gw_rc
gw_history_add(const gw_history *h, const gw_record *r, const char *states, int64_t *id, gw_err *e)
{
    GW_SCOPE(a);
    const gw_op w = add_step(a, h, GW_SQL_HISTORY_INSERT, r, states);
    return write_row(h, &w, id, e);
}

gw_rc
gw_history_mark(const gw_history *h, int64_t id, const gw_mark *mark, gw_err *e)
{
    GW_SCOPE(a);
    const gw_op w = mark_step(a, h, GW_SQL_HISTORY_MARK, id, mark);
    return write_row(h, &w, NULL, e);
}

gw_rc
gw_history_end(const gw_history *h, const gw_record *r, gw_err *e)
{
    GW_SCOPE(a);
    const gw_op w = end_step(a, h, GW_SQL_HISTORY_END, r);
    return write_row(h, &w, NULL, e);
}

/* ---- in batches ---- */

gw_op
gw_history_op_add(gw_arena *a, const gw_history *h, const gw_record *r, const char *states)
{
    assert(h->held == NULL);
    gw_op op = add_step(a, h, GW_SQL_BATCH_INSERT, r, states);
    if (r->state == GODWIT_RUNNING && h->sql[GW_SQL_BATCH_JOIN] != NULL)
        op.joined = step(a, h, GW_SQL_BATCH_JOIN, states, NULL, 0).sql;
    if (h->sql[GW_SQL_BATCH_PLAIN] != NULL && r->state != GODWIT_RUNNING && states == NULL) {
        op.plain = gw_str_of(h->sql[GW_SQL_BATCH_PLAIN]);
        op.seal = gw_str_of(h->sql[GW_SQL_BATCH_SEAL]);
    }
    return op;
}

gw_op
gw_history_op_mark(gw_arena *a, const gw_history *h, const gw_mark *mark)
{
    assert(h->held == NULL);
    return mark_step(a, h, GW_SQL_BATCH_MARK, 0, mark);
}

gw_op
gw_history_op_end(gw_arena *a, const gw_history *h, const gw_record *r)
{
    assert(h->held == NULL);
    gw_op op = end_step(a, h, GW_SQL_BATCH_END, r);
    op.count += GW_ROW_PARAMS;
    return op;
}

gw_rc
gw_history_explain(const gw_history *h, gw_err *e)
{
    GW_SCOPE(a);
    gw_conn *const c = h->conn;
    gw_err asking = {0};
    int64_t held = 1;
    if (e->rc != GODWIT_FAILED || h->text.condition == NULL)
        return e->rc;
    const char *const sql = gw_printf(a, "SELECT CASE WHEN %s THEN 1 ELSE 0 END", h->text.condition);
    if (c->engine->query(c, sql, NULL, 0, read_number, &held, &asking) != GODWIT_OK || held != 0)
        return e->rc;
    *e = (gw_err){0}; /* what the server said is our own guard's word, which tells nobody anything */
    return gw_history_fail_lost(h, e);
}
