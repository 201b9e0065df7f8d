#include "engine/mysql/batch.h"

#include "base/clock.h"
#include "engine/mysql/literal.h"
#include "engine/mysql/patience.h"
#include "engine/mysql/remark.h"
#include "engine/mysql/reset.h"
#include "engine/mysql/traits.h"
#include "engine/mysql/transaction.h"
#include "sql/classify.h"

#include "base/ban.h"

/* Rows that the server counts: one that was inserted or changed; or one that was changed, which counts twice, and one inserted. */
enum { PACKET_BYTES = 65536, OUT_OF_RANGE = 1690, ONE_ROW = 1, BOTH_ROWS = 3 };

#define CLOCK "UTC_TIMESTAMP(3) + INTERVAL (UNIX_TIMESTAMP(SYSDATE(3)) - UNIX_TIMESTAMP(NOW(3))) SECOND"

/* Where a part of the packet comes from. */
typedef struct step {
    size_t item, op; /* what fails when it does */
    bool is_check;   /* whether the part ahead of it hit its row */
    int64_t rows;    /* that part: how many it has to hit; 0: it is no row of ours */
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
    bool is_begun;         /* a part of it was sent */
    bool is_tame;          /* it leaves the session as it is */
    bool is_open;          /* within a transaction of its own words */
    bool asks;             /* looks at what its statements left: nothing may come between */
    bool is_quiet;         /* nothing but such as leave the session as it is, and what it inserted last */
    bool has_clock;        /* may stop the clock of its session, or limit how long a statement takes */
    bool is_first;         /* its first statement is still to come … */
    unsigned first_traits; /* … of these traits */
    bool has_row;          /* @godwit_row is its row; else that is what the session inserted last */
    const gw_op *ending;   /* of the item ahead: its END, which may be joined with the INSERT of this one; NULL: none */
    int64_t since_ms;      /* the item ahead ended */
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
    const bool missed = (at->is_check || at->rows > 0) && strtol(e->code, NULL, 10) == OUT_OF_RANGE;
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

static void
close_item(batch *b, size_t item, int64_t ended_ms)
{
    b->end->done = item + 1;
    b->items[item].duration_ms = ended_ms - b->since_ms;
    b->since_ms = ended_ms;
}

/* What the parts that were carried out mean. A joined row that was gone was written anew: the rest of the packet was carried out too, and is
 * recorded; *lost is that step, and nothing behind it is reported. */
static const step *
read_answers(batch *b, size_t done)
{
    for (size_t i = 0; i < done; i++) {
        const step *const s = &b->steps.at[i];
        const gw_mysql_part *const part = &b->parts.at[i];
        if (s->rows == BOTH_ROWS && part->affected != s->rows)
            return s;
        if (s->closes && (s->rows == 0 || part->affected == s->rows))
            close_item(b, s->item, part->ended_ms);
        if (part->fn == gw_mysql_remarks_take)
            gw_mysql_remarks_end(part->ctx);
    }
    return NULL;
}

static void flush_ending(batch *b);

static gw_rc
send_packet(batch *b, gw_err *e)
{
    size_t done = 0;
    flush_ending(b);
    if (b->parts.len == 0)
        return GODWIT_OK;
    if (b->cancelled) { /* behind the packet before this one: what did change something said so */
        (void)gw_fail(e, GODWIT_INTERRUPTED, "the run was cancelled");
        return fail_at(b, &b->steps.at[0], e);
    }
    b->is_begun = b->is_begun || !b->c->lost;
    const gw_rc rc = gw_mysql_send_parts(b->c, b->parts.at, b->parts.len, &done, e);
    b->cancelled = b->c->was_cancelled;
    const step *const lost = read_answers(b, done);
    if (lost != NULL && rc != GODWIT_CONNECT) {
        say_lost(e);
        return fail_at(b, lost, e);
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

/* Belongs to the same op, which is done without it. */
static void
add_behind(batch *b, gw_str sql)
{
    const size_t kept = b->kept;
    add(b, sql);
    b->kept = kept;
}

static void
add_row(batch *b, gw_str sql, const gw_param *params, size_t count, int64_t rows)
{
    gw_buf text = gw_buf_new(b->packet);
    if (b->has_clock)
        gw_mysql_patience(&b->c->session.flavour, &sql, &text);
    gw_mysql_literal_fill(&text, b->c->my, sql, params, count);
    add(b, gw_buf_str(&text));
    newest(b)->rows = rows;
}

/* What the row that is written next has to know: what time it is, and which row it is. */
static void
add_variables(batch *b, gw_sql_id text)
{
    const bool is_insert = text == GW_SQL_BATCH_INSERT;
    if (!is_insert && !b->has_row)
        add(b, GW_STR_LIT("SET @godwit_now = " CLOCK ", @godwit_row = LAST_INSERT_ID()"));
    else if (text == GW_SQL_BATCH_END || (is_insert && b->has_clock && b->items[b->item].transaction))
        add(b, GW_STR_LIT("SET @godwit_now = " CLOCK));
    b->has_row = b->has_row || !is_insert;
}

/* The user's statements may insert rows too. */
static void
keep_row(batch *b)
{
    if (b->is_quiet || b->items[b->item].transaction)
        return;
    add_behind(b, GW_STR_LIT("SET @godwit_row = LAST_INSERT_ID()"));
    b->has_row = true;
}

static void
add_bookkeeping(batch *b, const gw_op *op)
{
    const gw_mysql_conn *const c = b->c;
    add_variables(b, op->text);
    add_row(b, op->sql, op->params, op->count, ONE_ROW);
    if (op->text == GW_SQL_BATCH_INSERT) {
        keep_row(b);
    } else {
        add_behind(b, GW_STR_LIT("SET @godwit_hit = EXP(IF(ROW_COUNT() = 1, 0, 1000))"));
        newest(b)->is_check = true;
    }
    /* Where nothing commits by itself, and nobody said BEGIN. */
    const bool is_alone = !b->items[b->item].transaction && !b->is_open;
    if (is_alone && !gw_mysql_commits_by_itself(c))
        add(b, GW_STR_LIT("COMMIT"));
}

/* The END that waits for the next item, which does not join it. */
static void
flush_ending(batch *b)
{
    const size_t item = b->item, op = b->op;
    if (b->ending == NULL)
        return;
    const gw_op *const ending = b->ending;
    b->ending = NULL;
    b->item = newest(b)->item;
    b->op = b->items[b->item].count - 1;
    add_bookkeeping(b, ending);
    b->steps.at[b->kept - 1].closes = true;
    b->item = item;
    b->op = op;
}

/* With the INSERT of this item. */
static void
join_ending(batch *b, const gw_op *insert)
{
    const gw_op *const ending = b->ending;
    const size_t item = newest(b)->item, count = ending->count + insert->count;
    gw_param *const params = gw_new_array(b->packet, gw_param, count);
    memcpy(params, ending->params, ending->count * sizeof(*params));
    memcpy(params + ending->count, insert->params, insert->count * sizeof(*params));
    b->ending = NULL;
    add_row(b, insert->joined, params, count, BOTH_ROWS);
    newest(b)->item = item;
    newest(b)->op = b->items[item].count - 1;
    newest(b)->closes = true;
    keep_row(b);
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
    const unsigned traits = b->is_first ? b->first_traits : gw_mysql_traits_now(c, sql);
    gw_mysql_session_note(&c->session, traits);
    b->is_first = false;
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
may_stop_clock(gw_str sql, gw_dialect dialect)
{
    const gw_class_kind kind = gw_classify(sql, dialect).kind;
    return kind != GW_CLASS_DDL && kind != GW_CLASS_DML;
}

/* What kind of statements there are in it. */
static void
read_item(batch *b, const gw_batch_item *item)
{
    b->is_first = true;
    b->asks = b->has_clock = b->has_row = false;
    b->is_quiet = b->c->session.tells && !item->transaction;
    for (size_t i = 0; i < item->count; i++) {
        if (item->ops[i].is_bookkeeping)
            continue;
        const unsigned traits = gw_mysql_traits_now(b->c, item->ops[i].sql);
        const bool is_tame = (traits & GW_MYSQL_TAME) != 0;
        if (b->is_first)
            b->first_traits = traits;
        b->asks = b->asks || (!b->is_first && (traits & GW_MYSQL_LOOKS_BACK) != 0);
        b->is_quiet = b->is_quiet && is_tame;
        b->has_clock = b->has_clock || (!is_tame && may_stop_clock(item->ops[i].sql, b->c->head.facts.dialect));
        b->is_first = false;
    }
    b->is_first = true; /* the session reads it as it does now */
}

static gw_rc
begin_item(batch *b, gw_err *e)
{
    const gw_batch_item *const item = &b->items[b->item];
    if (item->count == 0 || item->ops[0].joined.len == 0)
        flush_ending(b);
    b->op = 0;
    b->is_tame = true;
    b->is_open = false;
    if (b->parts.len == 0) {
        b->is_begun = false;
        if (b->cancelled)
            return gw_fail(e, GODWIT_INTERRUPTED, "the run was cancelled");
        GW_TRY(gw_mysql_reset(&b->c->head, e));
        b->since_ms = gw_clock_ms();
    }
    read_item(b, item);
    if (item->count == 0 || !item->ops[0].is_bookkeeping)
        add(b, GW_STR_LIT("SET @godwit_began = UTC_TIMESTAMP(3), @godwit_now = NULL"));
    if (item->transaction)
        add(b, GW_STR_LIT("START TRANSACTION"));
    return GODWIT_OK;
}

static gw_rc
end_item(batch *b, gw_err *e)
{
    gw_mysql_conn *const c = b->c;
    const gw_batch_item *const item = &b->items[b->item];
    if (b->ending != NULL)
        return GODWIT_OK;
    b->op = item->count;
    /* What commits is not as usual any more, or a transaction was left open. */
    const bool commits = item->transaction || b->is_open || c->session.reread;
    if (commits)
        add(b, GW_STR_LIT("COMMIT"));
    if (b->kept > 0)
        b->steps.at[b->kept - 1].closes = true;
    else
        close_item(b, b->item, gw_clock_ms()); /* its last statement is sent already */
    if (b->is_tame && c->session.tells)
        return GODWIT_OK;
    if (c->session.changed || !c->session.is_known) {
        gw_buf text = gw_buf_new(b->packet);
        gw_mysql_session_look(&c->session, &text);
        ask(b, gw_buf_str(&text), gw_mysql_session_looked, &c->session);
    }
    return send_packet(b, e);
}

/* Its END can be joined with what comes behind it: nothing has to be asked in between, and what it does is kept by itself. */
static bool
may_wait(const batch *b, const gw_op *op)
{
    return op->text == GW_SQL_BATCH_END && b->is_quiet && b->is_tame && !b->is_open && b->parts.len > 0 &&
           b->op + 1 == b->items[b->item].count && gw_mysql_commits_by_itself(b->c);
}

static gw_rc
run_item(batch *b, gw_err *e)
{
    const gw_batch_item *const item = &b->items[b->item];
    GW_TRY(begin_item(b, e));
    for (; b->op < item->count; b->op++) {
        const gw_op *const op = &item->ops[b->op];
        if (!op->is_bookkeeping)
            GW_TRY(add_users(b, op->sql, e));
        else if (b->ending != NULL)
            join_ending(b, op);
        else if (may_wait(b, op))
            b->ending = op;
        else
            add_bookkeeping(b, op);
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
