#include "fake_world.h"

#include <assert.h>

#include "fake_sql.h"

/* ---- transactions ---- */

gw_rc
fake_begin(gw_conn *c, gw_str own, gw_err *e)
{
    FAKE_TURN;
    fake_session *const s = &fake_conn_of(c)->session;
    GW_TRY(fake_step(fake_conn_of(c), own.len > 0 ? own : GW_STR_LIT("begin"), e));
    assert(!s->in_transaction);
    s->in_transaction = true;
    s->read_only_now = gw_str_ends(own, "READ ONLY");
    fake_table_save(s);
    return GODWIT_OK;
}

/* Within a group only the group's end makes anything last. */
static void
end_transaction(fake_conn *c, bool keep)
{
    fake_session *const s = &c->session;
    if (!s->in_group) {
        fake_conn_end_transaction(c, keep);
        return;
    }
    if (!keep)
        fake_table_restore(s);
    s->in_transaction = s->read_only_now = false;
}

gw_rc
fake_commit(gw_conn *c, gw_err *e)
{
    FAKE_TURN;
    const bool late = fake.refuse_late;
    const gw_rc rc = fake_step(fake_conn_of(c), GW_STR_LIT("commit"), e);
    if (rc == GODWIT_OK || late)
        end_transaction(fake_conn_of(c), true);
    return rc;
}

void
fake_rollback(gw_conn *c)
{
    FAKE_TURN;
    fake_say("rollback");
    end_transaction(fake_conn_of(c), false);
}

/* ---- groups ---- */

gw_rc
fake_group_begin(gw_conn *c, bool *untouched, gw_err *e)
{
    FAKE_TURN;
    GW_TRY(fake_step(fake_conn_of(c), GW_STR_LIT("group_begin"), e));
    assert(!fake_conn_of(c)->session.in_transaction && !fake_conn_of(c)->session.in_group);
    fake_conn_of(c)->session.in_group = true;
    *untouched = fake.untouched;
    return GODWIT_OK;
}

gw_rc
fake_group_end(gw_conn *c, gw_err *e)
{
    FAKE_TURN;
    const bool late = fake.refuse_late;
    const gw_rc rc = fake_step(fake_conn_of(c), GW_STR_LIT("group_end"), e);
    fake_conn_end_transaction(fake_conn_of(c), rc == GODWIT_OK || late);
    return rc;
}

void
fake_group_drop(gw_conn *c)
{
    FAKE_TURN;
    fake_say("group_drop");
    fake_conn_end_transaction(fake_conn_of(c), false);
}

bool
fake_is_clean(gw_conn *c)
{
    FAKE_TURN;
    return fake_sql_is_clean(&fake_conn_of(c)->session);
}

/* ---- batches ---- */

static gw_rc
run_item(gw_conn *c, const gw_batch_item *item, size_t *op, gw_err *e)
{
    fake_conn *const f = fake_conn_of(c);
    fake_sql_begin(&f->session);
    if (item->transaction)
        GW_TRY(fake_begin(c, (gw_str){"", 0}, e));
    for (*op = 0; *op < item->count; ++*op) {
        const gw_op *const o = &item->ops[*op];
        GW_TRY(fake_step(f, o->sql, e));
        GW_TRY(fake_sql_run(&f->session, o->sql, o->params, o->count, NULL, NULL, e));
    }
    return item->transaction ? fake_commit(c, e) : GODWIT_OK;
}

gw_rc
fake_batch(gw_conn *c, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e)
{
    FAKE_TURN;
    GW_SCOPE(scratch);
    *end = (gw_batch_end){0};
    GW_TRY(fake_step(fake_conn_of(c), gw_str_of(gw_printf(scratch, "batch %zu", count)), e));
    for (; end->done < count; end->done++) {
        const gw_rc rc = run_item(c, &items[end->done], &end->op, e);
        if (rc != GODWIT_OK) {
            end_transaction(fake_conn_of(c), false);
            e->transient = rc != GODWIT_CONNECT && e->transient;
            return rc;
        }
        items[end->done].duration_ms = fake.item_ms;
    }
    end->op = 0;
    return GODWIT_OK;
}
