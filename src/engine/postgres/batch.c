#include "engine/postgres/batch.h"

#include <string.h>

#include "engine/postgres/error.h"
#include "engine/postgres/pipeline.h"
#include "engine/postgres/query.h"
#include "engine/postgres/settings.h"
#include "engine/postgres/transaction.h"
#include "postgres_sql.h"
#include "sql/classify.h"

enum { SEAL_PARAMS = 3 };

/* What a statement of a flight is for. */
typedef enum purpose { KIND_RESET, KIND_OP, KIND_SEAL, KIND_COMMIT } purpose;

/* Items of one round trip. */
typedef struct flight {
    gw_pg_pipeline line;
    gw_batch_item *items;
    size_t from, to;
    size_t done;                 /* items whose commit was answered */
    gw_vec(const char *) resets; /* all that reset() says */
} flight;

static bool
take_answer(void *ctx, const gw_pg_step *step, PGresult *r, gw_err *e)
{
    flight *const f = ctx;
    gw_batch_item *const item = &f->items[step->item];
    if (step->kind == KIND_OP && item->ops[step->op].is_bookkeeping && PQntuples(r) > 0)
        item->duration_ms = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    if (step->kind != KIND_COMMIT)
        return true;
    if (strcmp(PQcmdStatus(r), "COMMIT") != 0) {
        gw_fail(e, GODWIT_FAILED, "COMMIT kept nothing: a statement of the transaction had ended it");
        return false;
    }
    f->done = step->item + 1;
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
    const gw_pg_step step = {
        .kind = KIND_OP, .item = item, .op = i, .sql = op->sql, .params = op->params, .count = op->count};
    if (op->is_bookkeeping) /* the same for every item */
        gw_pg_pipeline_send_known(&f->line, &step);
    else
        gw_pg_pipeline_send(&f->line, &step);
}

static void
send_seal(flight *f, size_t item)
{
    const gw_pg *const c = f->line.c;
    const gw_param params[SEAL_PARAMS] = {{item + 1 < f->to ? "off" : NULL}, {c->authorization}, {c->role}};
    const gw_pg_step step = {
        .kind = KIND_SEAL, .item = item, .sql = gw_str_of(gw_sql_batch_seal), .params = params, .count = SEAL_PARAMS};
    gw_pg_pipeline_send_known(&f->line, &step);
}

/* What the seal has shown to be untouched by the item before. */
static bool
is_sealed(const char *reset)
{
    static const char *const sealed[] = {"RESET SESSION AUTHORIZATION", "RESET ROLE", "DEALLOCATE ALL"};
    for (size_t i = 0; i < sizeof(sealed) / sizeof(sealed[0]); i++)
        if (strcmp(reset, sealed[i]) == 0)
            return true;
    return false;
}

/* In a transaction of its own: the item's begins without a snapshot, and with the defaults that the session began with. The first one
 * forgets all prepared statements, ours too. */
static void
send_reset(flight *f, size_t item, const char *sql)
{
    const gw_pg_step step = {.kind = KIND_RESET, .item = item, .sql = gw_str_of(sql)};
    if (item > f->from)
        gw_pg_pipeline_send_known(&f->line, &step);
    else
        gw_pg_pipeline_send(&f->line, &step);
}

static void
send_resets(flight *f, size_t item)
{
    send_reset(f, item, "BEGIN");
    for (size_t i = 0; i < f->resets.len; i++)
        if (item == f->from || !is_sealed(f->resets.at[i]))
            send_reset(f, item, f->resets.at[i]);
    send_reset(f, item, "COMMIT");
}

static void
send_item(flight *f, size_t item)
{
    send_resets(f, item);
    send_own(f, KIND_RESET, item, "BEGIN");
    for (size_t i = 0; i < f->items[item].count; i++)
        send_op(f, item, i);
    send_seal(f, item);
    send_own(f, KIND_COMMIT, item, "COMMIT");
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

/* An item changed the session in a way that another one meets, or took our prepared statements away. What is left is begun anew, and the
 * item that met it runs by itself: there it fails, or not, as it always would. */
static bool
is_unclean(const flight *f)
{
    const gw_pg_step *const at = &f->line.failed_step;
    const char *const code = f->line.failure.code;
    if (at->kind == KIND_OP && !f->items[at->item].ops[at->op].is_bookkeeping)
        return strcmp(code, "42P05") == 0; /* a function of an earlier item has prepared a statement of that name */
    return strcmp(code, "26000") == 0 || (at->kind == KIND_SEAL && strcmp(code, "22012") == 0);
}

static bool
has_bookkeeping(const gw_batch_item *item)
{
    for (size_t i = 0; i < item->count; i++)
        if (item->ops[i].is_bookkeeping)
            return true;
    return false;
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
    if (f->done > f->from) /* the first reset did that, and the seals looked at it */
        c->may_be_other_role = c->may_have_prepared = false;
    if (well && has_bookkeeping(&f->items[f->to - 1])) { /* it wrote, and its commit waited for the disk */
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
