#include "engine/mysql/batch.h"

#include "engine/mysql/literal.h"
#include "engine/mysql/remark.h"
#include "engine/mysql/traits.h"
#include "engine/mysql/transaction.h"
#include "sql/lex.h"

#include "base/ban.h"

enum { PACKET_BYTES = 65536, CHECK_FAILED = 1690 };

/* Where a part of the packet comes from. */
typedef struct step {
    size_t item, op; /* what fails when it does */
    bool is_check;   /* whether the part ahead of it hit its row */
    bool is_row;     /* that part */
    bool closes;     /* with it the item is done */
} step;

typedef struct batch {
    gw_mysql_conn *c;
    gw_batch_item *items;
    gw_batch_end *end;
    gw_arena *packet; /* until it is sent */
    gw_vec(gw_mysql_part) parts;
    gw_vec(step) steps;
    size_t bytes;
    size_t kept; /* steps up to the newest that the item is made of; 0: none */
    /* the item that is being written down */
    size_t item, op;
    bool is_begun; /* a part of it was sent */
    bool is_tame;  /* it leaves the session as it is */
    bool is_open;  /* within a transaction of its own words */
    bool asks;     /* looks at what its statements left: nothing may come between */
    /* the newest packet */
    unsigned warnings; /* of its last part */
    bool cancelled;
} batch;

/* ---- the end of it ---- */

/* A row of bookkeeping that was not hit says so by a number out of range, which tells nobody anything. */
static void
say_lost(gw_err *e)
{
    *e = (gw_err){0};
    (void)gw_fail(e, GODWIT_LOCKED,
                  "nothing was written to the history: this run no longer holds the lock, or its row is gone");
    (void)gw_err_hint(
        e, "a migration must not release godwit's lock or touch its table; `godwit status` tells what is recorded");
}

static gw_rc
fail_at(batch *b, const step *at, gw_err *e)
{
    gw_mysql_conn *const c = b->c;
    const bool is_done = at->item < b->end->done;
    const gw_batch_item *const item = &b->items[at->item];
    const bool missed = at->is_check && strtol(e->code, NULL, 10) == CHECK_FAILED;
    b->end->op = is_done ? 0 : at->op + (at->is_check && !missed);
    if (e->rc == GODWIT_FAILED && missed)
        say_lost(e);
    else if (e->rc == GODWIT_FAILED && !e->transient && !is_done && at->op < item->count &&
             !item->ops[at->op].is_bookkeeping)
        gw_mysql_remarks_tell(c, e);
    if (e->rc == GODWIT_CONNECT && b->is_begun)
        e->transient = false;
    if (gw_mysql_in_transaction(&c->head))
        gw_mysql_rollback(&c->head);
    return e->rc;
}

/* ---- packets ---- */

static void
forget_packet(batch *b)
{
    gw_arena_reset(b->packet);
    b->parts.at = NULL;
    b->parts.len = b->parts.cap = 0;
    b->steps.at = NULL;
    b->steps.len = b->steps.cap = 0;
    b->bytes = 0;
    b->kept = 0;
}

static gw_rc
send_packet(batch *b, gw_err *e)
{
    size_t done = 0;
    if (b->parts.len == 0)
        return GODWIT_OK;
    if (b->cancelled) { /* behind the packet before this one: what did change something said so */
        (void)gw_fail(e, GODWIT_INTERRUPTED, "the run was cancelled");
        return fail_at(b, &b->steps.at[0], e);
    }
    b->is_begun = b->is_begun || !b->c->lost;
    const gw_rc rc = gw_mysql_send_parts(b->c, b->parts.at, b->parts.len, &done, e);
    b->cancelled = b->c->was_cancelled;
    for (size_t i = 0; i < done; i++) {
        const step *const s = &b->steps.at[i];
        if (s->closes && (!s->is_row || b->parts.at[i].affected == 1))
            b->end->done = s->item + 1;
        if (b->parts.at[i].fn == gw_mysql_remarks_take)
            gw_mysql_remarks_end(b->parts.at[i].ctx);
    }
    if (rc != GODWIT_OK)
        return fail_at(b, &b->steps.at[done], e);
    b->warnings = b->parts.at[done - 1].warnings;
    forget_packet(b);
    return GODWIT_OK;
}

static step *
newest(const batch *b)
{
    return &b->steps.at[b->steps.len - 1];
}

static gw_mysql_part *
add(batch *b, gw_str sql)
{
    *gw_vec_push(b->packet, &b->steps) = (step){.item = b->item, .op = b->op};
    b->kept = b->steps.len;
    gw_mysql_part *const part = gw_vec_push(b->packet, &b->parts);
    part->sql = sql;
    b->bytes += sql.len;
    return part;
}

/* A question on the side: what is ahead of it was carried out, whatever becomes of it. */
static gw_mysql_part *
ask(batch *b, gw_str sql, gw_row_fn *fn, void *ctx)
{
    const size_t kept = b->kept;
    gw_mysql_part *const part = add(b, sql);
    newest(b)->op = b->op < b->items[b->item].count ? b->op + 1 : b->op;
    b->kept = kept;
    part->fn = fn;
    part->ctx = ctx;
    return part;
}

/* ---- bookkeeping ---- */

/* A text of ours holds several statements; the last but one writes the row, the last makes sure of it. */
static void
add_bookkeeping(batch *b, const gw_op *op)
{
    const gw_mysql_conn *const c = b->c;
    gw_lexer lexer = gw_lex(op->sql, c->head.facts.dialect);
    size_t begin = 0;
    for (gw_token t = gw_lex_next(&lexer);; t = gw_lex_next(&lexer)) {
        if (t.kind != GW_TOKEN_SEMICOLON && t.kind != GW_TOKEN_END)
            continue;
        gw_buf text = gw_buf_new(b->packet);
        const gw_str sql = gw_str_trim(gw_str_slice(op->sql, begin, lexer.at - t.text.len));
        gw_mysql_literal_fill(&text, c->my, sql, op->params, op->count);
        add(b, gw_buf_str(&text));
        begin = lexer.at;
        if (t.kind == GW_TOKEN_END)
            break;
    }
    newest(b)->is_check = true;
    b->kept = b->steps.len - 1;
    b->steps.at[b->kept - 1].is_row = true;
    /* Where nothing commits by itself, and nobody said BEGIN. */
    const bool is_alone = !b->items[b->item].transaction && !b->is_open;
    if (is_alone && (c->my->server_status & SERVER_STATUS_AUTOCOMMIT) == 0)
        add(b, GW_STR_LIT("COMMIT"));
}

/* ---- the user's statements ---- */

static void
tell_warnings(const batch *b)
{
    if (b->warnings > 0 && b->c->notice != NULL)
        gw_mysql_remarks_tell(b->c, NULL);
}

static gw_rc
send_alone(batch *b, gw_str sql, unsigned traits, gw_err *e)
{
    gw_mysql_part part;
    GW_TRY(send_packet(b, e));
    add(b, sql);
    if (b->cancelled)
        return send_packet(b, e); /* says so */
    b->is_begun = b->is_begun || !b->c->lost;
    if (gw_mysql_send_users(b->c, sql, traits, &part, e) != GODWIT_OK)
        return fail_at(b, newest(b), e);
    b->cancelled = b->c->was_cancelled;
    b->warnings = part.warnings;
    forget_packet(b);
    tell_warnings(b);
    return GODWIT_OK;
}

static gw_rc
add_users(batch *b, gw_str sql, gw_err *e)
{
    gw_mysql_conn *const c = b->c;
    const unsigned traits = gw_mysql_traits_now(c, sql);
    gw_mysql_session_note(&c->session, traits);
    b->is_tame = b->is_tame && (traits & GW_MYSQL_TAME) != 0;
    b->is_open = (b->is_open && (traits & GW_MYSQL_COMMITS) == 0) || (traits & GW_MYSQL_BEGINS) != 0;
    if ((traits & GW_MYSQL_ONE) == 0 && memchr(sql.ptr, ';', sql.len) != NULL)
        return send_alone(b, sql, traits, e);
    add(b, sql)->is_users = true;
    if ((traits & GW_MYSQL_JOINS) == 0 || (traits & GW_MYSQL_REREADS) != 0 || b->asks) {
        GW_TRY(send_packet(b, e));
        tell_warnings(b);
    } else if (c->notice != NULL) {
        gw_mysql_remarks *const remarks = gw_new(b->packet, gw_mysql_remarks);
        remarks->c = c;
        ask(b, gw_str_of(gw_mysql_remarks_query), gw_mysql_remarks_take, remarks);
    }
    return GODWIT_OK;
}

/* ---- items ---- */

static bool
looks_back(const batch *b, const gw_batch_item *item)
{
    bool first = true;
    for (size_t i = 0; i < item->count; i++) {
        if (item->ops[i].is_bookkeeping)
            continue;
        if (!first && (gw_mysql_traits_now(b->c, item->ops[i].sql) & GW_MYSQL_LOOKS_BACK) != 0)
            return true;
        first = false;
    }
    return false;
}

static bool
take_duration(void *ctx, size_t columns, const char *const *values)
{
    gw_batch_item *const item = ctx;
    if (columns > 0 && values[0] != NULL)
        item->duration_ms = strtoll(values[0], NULL, 10);
    return false;
}

static gw_rc
begin_item(batch *b, gw_err *e)
{
    gw_batch_item *const item = &b->items[b->item];
    b->op = 0;
    b->is_tame = true;
    b->is_open = false;
    if (b->parts.len == 0) {
        b->is_begun = false;
        if (b->cancelled)
            return gw_fail(e, GODWIT_INTERRUPTED, "the run was cancelled");
        GW_TRY(gw_mysql_reset(&b->c->head, e));
    }
    b->asks = looks_back(b, item);
    item->duration_ms = 0;
    add(b, GW_STR_LIT("SET @godwit_began = UTC_TIMESTAMP(3), @godwit_now = NULL"));
    if (item->transaction)
        add(b, GW_STR_LIT("START TRANSACTION"));
    return GODWIT_OK;
}

static gw_rc
end_item(batch *b, gw_err *e)
{
    gw_mysql_conn *const c = b->c;
    gw_batch_item *const item = &b->items[b->item];
    b->op = item->count;
    /* What commits is not as usual any more, or a transaction was left open. */
    const bool commits = item->transaction || b->is_open || c->session.reread;
    if (commits)
        add(b, GW_STR_LIT("COMMIT"));
    if (b->kept > 0)
        b->steps.at[b->kept - 1].closes = true;
    else
        b->end->done = b->item + 1; /* its last statement is sent already */
    ask(b, GW_STR_LIT("SELECT TIMESTAMPDIFF(MICROSECOND, @godwit_began, @godwit_now) DIV 1000 LIMIT 1"), take_duration,
        item);
    if (b->is_tame && c->session.tells)
        return GODWIT_OK;
    if (c->session.changed || !c->session.is_known) {
        gw_buf text = gw_buf_new(b->packet);
        gw_mysql_session_look(&c->session, &text);
        ask(b, gw_buf_str(&text), gw_mysql_session_looked, &c->session);
    }
    return send_packet(b, e);
}

static gw_rc
run_item(batch *b, gw_err *e)
{
    const gw_batch_item *const item = &b->items[b->item];
    GW_TRY(begin_item(b, e));
    for (; b->op < item->count; b->op++) {
        const gw_op *const op = &item->ops[b->op];
        if (op->is_bookkeeping)
            add_bookkeeping(b, op);
        else
            GW_TRY(add_users(b, op->sql, e));
        if (b->bytes >= PACKET_BYTES)
            GW_TRY(send_packet(b, e));
    }
    return end_item(b, e);
}

gw_rc
gw_mysql_batch(gw_conn *head, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e)
{
    GW_SCOPE(packet);
    batch b = {.c = gw_mysql_of(head), .items = items, .end = end, .packet = packet};
    *end = (gw_batch_end){0};
    for (; b.item < count; b.item++)
        GW_TRY(run_item(&b, e));
    return send_packet(&b, e);
}
