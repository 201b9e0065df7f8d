#include "engine/postgres/batch.h"

#include <string.h>

#include "engine/postgres/change.h"
#include "engine/postgres/error.h"
#include "engine/postgres/pipeline.h"
#include "engine/postgres/query.h"
#include "engine/postgres/resolve.h"
#include "engine/postgres/send.h"
#include "engine/postgres/settings.h"
#include "engine/postgres/transaction.h"
#include "postgres_sql.h"
#include "sql/classify.h"
#include "sql/quote.h"
#include "sql/traceless.h"

/* Before it a column that is added with a constant made the server write the table, and read its indexes, anew. */
enum { ADDS_WITHOUT_WRITING = 110000 };

/* What a statement of a flight is for. */
typedef enum purpose { KIND_RESET, KIND_CHECK, KIND_OP, KIND_SEAL, KIND_COMMIT } purpose;

/* Items of one round trip. */
typedef struct flight {
    gw_pg_pipeline line;
    gw_batch_item *items;
    size_t from, to;
    size_t done;                      /* items whose commit was answered */
    gw_vec(const char *) resets;      /* all that reset() says */
    const char *commit, *commit_last; /* said before a COMMIT */
    const char *check;                /* said behind one: until then the user's functions may run */
    const char *check_all;            /* likewise, and of all that has to be so that a reset may be left out */
    bool *is_sure;                    /* by item: it leaves nothing, and another one follows */
    bool is_unsure;                   /* the newest of those done may have left another role, or a prepared statement */
} flight;

/* ---- what an item leaves ---- */

static const gw_op *
find_row(const gw_batch_item *item)
{
    for (size_t i = 0; i < item->count; i++)
        if (item->ops[i].is_bookkeeping)
            return &item->ops[i];
    return NULL;
}

/* Nothing but that its row took a number; nor does it ask for anything of the session. */
static bool
is_traceless(const gw_batch_item *item, gw_dialect dialect)
{
    const gw_op *const row = find_row(item);
    bool is_sure = row != NULL && row->plain.len > 0;
    for (size_t i = 0; i < item->count && is_sure; i++)
        is_sure = item->ops[i].is_bookkeeping || gw_traceless_is_sure(item->ops[i].sql, dialect);
    return is_sure;
}

static const char *
quoted(gw_arena *a, const gw_pg *c, const char *text)
{
    gw_buf out = gw_buf_new(a);
    gw_quote_string(&out, gw_str_of(text), c->head.facts.dialect);
    return gw_buf_text(&out);
}

static const char *
check_text(gw_arena *a, const gw_pg *c, const char *sure)
{
    const gw_pg_mark marks[] = {
        {"{authorization}", quoted(a, c, c->authorization)}, {"{role}", quoted(a, c, c->role)}, {"{sure}", sure}};
    return gw_pg_fill(a, gw_sql_batch_check, marks, sizeof(marks) / sizeof(marks[0]));
}

/* All items have one history. */
static void
prepare_checks(flight *f)
{
    gw_arena *const a = f->line.arena;
    const gw_pg *const c = f->line.c;
    const bool may_be_sure = c->is_quiet && PQserverVersion(c->link) >= ADDS_WITHOUT_WRITING;
    f->is_sure = gw_new_array(a, bool, f->to);
    f->check = check_text(a, c, "true");
    f->commit = gw_pg_fill(a, gw_sql_batch_commit, (gw_pg_mark[]){{"{disk}", "'off'"}}, 1);
    f->commit_last = gw_pg_fill(a, gw_sql_batch_commit, (gw_pg_mark[]){{"{disk}", "NULL"}}, 1);
    for (size_t i = f->from; i + 1 < f->to && may_be_sure; i++) {
        f->is_sure[i] = is_traceless(&f->items[i], c->head.facts.dialect);
        if (f->is_sure[i] && f->check_all == NULL)
            f->check_all = check_text(
                a, c, gw_printf(a, "%s AND %.*s", gw_sql_batch_quiet, GW_STR_ARG(find_row(&f->items[i])->seal)));
    }
}

/* ---- what is heard ---- */

static bool
take_commit(flight *f, size_t item, PGresult *r, gw_err *e)
{
    if (strcmp(PQcmdStatus(r), "COMMIT") != 0) {
        gw_fail(e, GODWIT_FAILED, "COMMIT kept nothing: a statement of the transaction had ended it");
        return false;
    }
    f->done = item + 1;
    f->is_unsure = !f->is_sure[item];
    return true;
}

static bool
take_answer(void *ctx, const gw_pg_step *step, PGresult *r, gw_err *e)
{
    flight *const f = ctx;
    gw_batch_item *const item = &f->items[step->item];
    switch ((purpose)step->kind) {
    case KIND_COMMIT:
        return take_commit(f, step->item, r, e);
    case KIND_CHECK:
        f->is_unsure = false;
        break;
    case KIND_OP:
        if (item->ops[step->op].is_bookkeeping && PQntuples(r) > 0)
            item->duration_ms = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
        break;
    case KIND_RESET:
    case KIND_SEAL:
        break;
    }
    return true;
}

/* ---- what is sent ---- */

static void
send_own(flight *f, purpose kind, size_t item, const char *sql)
{
    gw_pg_pipeline_send_known(&f->line, &(gw_pg_step){.kind = (int)kind, .item = item, .sql = gw_str_of(sql)});
}

static void
send_op(flight *f, size_t item, size_t i)
{
    const gw_op *const op = &f->items[item].ops[i];
    gw_pg_step step = {
        .kind = KIND_OP, .item = item, .op = i, .sql = op->sql, .params = op->params, .count = op->count};
    if (!op->is_bookkeeping) {
        gw_pg_pipeline_send(&f->line, &step);
        return;
    }
    if (f->is_sure[item])
        step.sql = op->plain;
    gw_pg_pipeline_send_known(&f->line, &step); /* the same for every item */
}

/* What the check has shown to be untouched by the item before. */
static bool
is_checked(const char *reset)
{
    static const char *const checked[] = {"RESET SESSION AUTHORIZATION", "RESET ROLE", "DEALLOCATE ALL"};
    for (size_t i = 0; i < sizeof(checked) / sizeof(checked[0]); i++)
        if (strcmp(reset, checked[i]) == 0)
            return true;
    return false;
}

/* The first one forgets all prepared statements, ours too. */
static void
send_reset(flight *f, size_t item, const char *sql)
{
    const gw_pg_step step = {.kind = KIND_RESET, .item = item, .sql = gw_str_of(sql)};
    if (item > f->from)
        gw_pg_pipeline_send_known(&f->line, &step);
    else
        gw_pg_pipeline_send(&f->line, &step);
}

/* In a transaction of its own: the item's begins without a snapshot, and with the defaults that the session began with. */
static void
send_resets(flight *f, size_t item)
{
    send_reset(f, item, "BEGIN");
    for (size_t i = 0; i < f->resets.len; i++)
        if (item == f->from || !is_checked(f->resets.at[i]))
            send_reset(f, item, f->resets.at[i]);
    if (item > f->from || f->is_sure[item])
        send_own(f, KIND_CHECK, item, f->is_sure[item] ? f->check_all : f->check);
    send_reset(f, item, "COMMIT");
}

/* What goes before the COMMIT. The number that a row took is forgotten before somebody may ask for it, where nobody has done so yet. */
static void
send_end(flight *f, size_t item)
{
    const bool is_last = item + 1 == f->to;
    if (!f->is_sure[item])
        send_own(f, KIND_SEAL, item, is_last ? f->commit_last : f->commit);
    else if (!f->is_sure[item + 1])
        send_own(f, KIND_SEAL, item, "DISCARD SEQUENCES");
}

static void
send_item(flight *f, size_t item)
{
    if (item == f->from || !f->is_sure[item - 1])
        send_resets(f, item);
    send_own(f, KIND_RESET, item, "BEGIN");
    for (size_t i = 0; i < f->items[item].count; i++)
        send_op(f, item, i);
    send_end(f, item);
    send_own(f, KIND_COMMIT, item, "COMMIT");
    if (item + 1 == f->to)
        send_own(f, KIND_CHECK, item, f->check);
}

static void
fly(flight *f)
{
    gw_pg_pipeline *const line = &f->line;
    gw_pg_pipeline_begin(line);
    for (size_t i = f->from; i < f->to && !gw_pg_pipeline_is_over(line); i++)
        send_item(f, i);
    gw_pg_pipeline_end(line);
    if (f->done < f->to && !line->failed) {
        line->failed_step = (gw_pg_step){.kind = KIND_RESET, .item = f->done};
        gw_fail(&line->failure, GODWIT_INTERRUPTED, "interrupted: nothing of the next migration was executed");
    }
}

/* ---- the end of a flight ---- */

static gw_rc
fail_lost(const flight *f, const gw_err *why, gw_err *e)
{
    gw_fail(e, GODWIT_CONNECT,
            "the connection was lost in the middle of %zu migrations: nobody knows yet which were kept",
            f->to - f->from);
    return gw_pg_note_loss(why, e);
}

/* The commits that were answered did not wait for the disk: now we do. */
static gw_rc
flush(gw_pg *c, gw_err *e)
{
    gw_err refused = {0};
    const gw_rc rc = gw_pg_own(c, gw_sql_batch_flush, &refused);
    if (rc != GODWIT_FAILED) {
        *e = refused;
        return rc;
    }
    return gw_pg_own(c, gw_sql_batch_wait, e);
}

/* An item changed the session in a way that another one would meet, or took our prepared statements away; or the server does not
 * confirm that it left nothing. What is left is begun anew, and the item at hand runs by itself: there it fails, or not, as it always would. */
static bool
is_unclean(const flight *f)
{
    const gw_pg_step *const at = &f->line.failed_step;
    const bool is_row = at->kind == KIND_OP && f->items[at->item].ops[at->op].is_bookkeeping;
    const bool is_refused = strcmp(f->line.failure.code, "22012") == 0; /* by us */
    if (at->kind == KIND_OP && !is_row)
        return false;
    return strcmp(f->line.failure.code, "26000") == 0 ||
           (is_refused && (at->kind == KIND_SEAL || at->kind == KIND_CHECK || (is_row && f->is_sure[at->item])));
}

static size_t
failed_op(const flight *f)
{
    const gw_pg_step *const at = &f->line.failed_step;
    switch ((purpose)at->kind) {
    case KIND_OP:
        return at->op;
    case KIND_SEAL:
    case KIND_COMMIT:
        return f->items[at->item].count;
    case KIND_RESET:
    case KIND_CHECK:
        break;
    }
    return 0;
}

/* *unclean: the item end->done is to be repeated by itself. */
static gw_rc
land(flight *f, gw_batch_end *end, bool *unclean, gw_err *e)
{
    gw_pg *const c = f->line.c;
    const bool well = f->done == f->to;
    gw_err lost = {0};
    if (f->done > f->from)
        c->may_be_other_role = c->may_have_prepared = f->is_unsure;
    if (well && find_row(&f->items[f->to - 1]) != NULL) { /* it wrote, and its commit waited for the disk */
        end->done = f->to;
        return GODWIT_OK;
    }
    if (gw_pg_pipeline_is_lost(&f->line))
        return fail_lost(f, &f->line.failure, e);
    gw_pg_rollback(&c->head);
    if (f->done > f->from && flush(c, &lost) != GODWIT_OK)
        return fail_lost(f, &lost, e);
    end->done = f->done;
    *unclean = !well && is_unclean(f);
    c->is_quiet &= !*unclean; /* it would not be so the next time either */
    if (well || *unclean)
        return GODWIT_OK;
    end->op = failed_op(f);
    *e = f->line.failure;
    return e->rc;
}

/* ---- one by itself ---- */

static bool
take_duration(void *ctx, size_t columns, const char *const *values)
{
    gw_batch_item *const item = ctx;
    if (columns > 0 && values[0] != NULL)
        item->duration_ms = strtoll(values[0], NULL, 10);
    return true;
}

static gw_rc
run_ops(gw_conn *conn, gw_batch_item *item, size_t *op, gw_err *e)
{
    for (*op = 0; *op < item->count; ++*op) {
        const gw_op *const o = &item->ops[*op];
        GW_SCOPE(a);
        if (!o->is_bookkeeping)
            GW_TRY(gw_pg_exec(conn, o->sql, e));
        else
            GW_TRY(gw_pg_query(conn, gw_strdup(a, o->sql), o->params, o->count, take_duration, item, e));
    }
    return GODWIT_OK;
}

static gw_rc
run_alone(gw_conn *conn, gw_batch_item *item, gw_batch_end *end, gw_err *e)
{
    GW_TRY(gw_pg_reset(conn, e));
    if (item->transaction)
        GW_TRY(gw_pg_begin(conn, (gw_str){0}, e));
    gw_rc rc = run_ops(conn, item, &end->op, e);
    if (rc == GODWIT_CONNECT && !item->transaction)
        e->transient = false;
    if (rc == GODWIT_OK && item->transaction)
        rc = gw_pg_commit(conn, e);
    if (rc != GODWIT_OK) {
        gw_pg_rollback(conn);
        return rc;
    }
    end->done++;
    end->op = 0;
    return GODWIT_OK;
}

/* ---- of the contract ---- */

/* Nothing in it that needs an answer before the next statement, or that the seal would find anyway. */
static bool
is_plain(const gw_batch_item *item, gw_dialect dialect)
{
    if (!item->transaction)
        return false;
    for (size_t i = 0; i < item->count; i++) {
        const gw_str sql = item->ops[i].sql;
        if (item->ops[i].is_bookkeeping)
            continue;
        const gw_class class = gw_classify(sql, dialect);
        if (class.kind == GW_CLASS_BEGIN || class.kind == GW_CLASS_COMMIT || class.kind == GW_CLASS_ROLLBACK ||
            gw_str_is_nocase(class.verb, "COPY") || (sql.len > 0 && memchr(sql.ptr, '\0', sql.len) != NULL) ||
            gw_pg_may_change(class.verb, sql) != 0)
            return false;
    }
    return true;
}

static void
list_resets(flight *f)
{
    gw_arena *const a = f->line.arena;
    gw_buf text = gw_buf_new(a);
    gw_pg_reset_text(&text, f->line.c);
    for (gw_str rest = gw_buf_str(&text); rest.len > 0;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (gw_str_ends(line, ";"))
            *gw_vec_push(a, &f->resets) = gw_strdup(a, gw_str_slice(line, 0, line.len - 1));
    }
}

/* From end->done on: all that one round trip takes, or one by itself. */
static gw_rc
run_some(gw_pg *c, gw_batch_item *items, size_t count, gw_batch_end *end, bool *unclean, gw_err *e)
{
    GW_SCOPE(a);
    const bool is_ours = !c->head.facts.pooled && !c->head.facts.cluster && !*unclean;
    flight f = {.line = {.arena = a, .c = c, .fn = take_answer}, .items = items, .from = end->done, .to = end->done};
    while (is_ours && f.to < count && is_plain(&items[f.to], c->head.facts.dialect))
        f.to++;
    *unclean = false;
    if (f.to == f.from)
        return run_alone(&c->head, &items[f.from], end, e);
    f.line.ctx = &f;
    f.done = f.from;
    list_resets(&f);
    prepare_checks(&f);
    fly(&f);
    return land(&f, end, unclean, e);
}

gw_rc
gw_pg_batch(gw_conn *conn, gw_batch_item *items, size_t count, gw_batch_end *end, gw_err *e)
{
    bool unclean = false;
    *end = (gw_batch_end){0};
    if (!gw_pg_is_alive(conn)) {
        gw_fail(e, GODWIT_CONNECT, "the connection was lost");
        e->transient = true;
        return e->rc;
    }
    while (end->done < count)
        GW_TRY(run_some(gw_pg_of(conn), items, count, end, &unclean, e));
    return GODWIT_OK;
}
