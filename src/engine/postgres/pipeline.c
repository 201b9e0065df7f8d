#include "engine/postgres/pipeline.h"

#include <poll.h>
#include <string.h>

#include "engine/postgres/error.h"
#include "engine/postgres/wire.h"

enum { PENDING_MOST = 64 * 1024 };

struct gw_pg_sent {
    gw_pg_step step;
    bool is_answered_by_parsing; /* it is only made known */
    bool is_sync;
};

bool
gw_pg_pipeline_is_lost(const gw_pg_pipeline *p)
{
    return p->c->gave_up || PQstatus(p->c->link) != CONNECTION_OK;
}

bool
gw_pg_pipeline_is_over(const gw_pg_pipeline *p)
{
    return p->failed || p->c->cancelling || gw_pg_pipeline_is_lost(p);
}

/* ---- hearing ---- */

/* What libpq adds when the connection goes does not count. */
static void
fail(gw_pg_pipeline *p, const gw_pg_step *step, const PGresult *r)
{
    if (p->failed)
        return;
    p->failed = true;
    p->failed_step = *step;
    (void)gw_pg_fail(p->c, r, step->sql, &p->failure);
}

static void
take_answer(gw_pg_pipeline *p, const gw_pg_sent *sent, PGresult *r)
{
    if (p->failed || sent->is_answered_by_parsing || p->fn(p->ctx, &sent->step, r, &p->failure))
        return;
    p->failed = true;
    p->failed_step = sent->step;
}

static void
take(gw_pg_pipeline *p, const gw_pg_sent *sent, PGresult *r)
{
    switch (PQresultStatus(r)) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        take_answer(p, sent, r);
        return;
    case PGRES_NONFATAL_ERROR:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED: /* behind the failure */
        return;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:
        break;
    }
    fail(p, &sent->step, r);
}

/* The answers that are here; `to_the_end`: all of them. */
static void
hear(gw_pg_pipeline *p, bool to_the_end)
{
    PGconn *const link = p->c->link;
    while (p->heard < p->sent.len && !gw_pg_pipeline_is_lost(p)) {
        if (!to_the_end && PQisBusy(link) != 0)
            return;
        const gw_pg_sent *const sent = &p->sent.at[p->heard];
        PGresult *const r = gw_pg_wire_next(p->c);
        if (r != NULL)
            take(p, sent, r);
        if (r == NULL || sent->is_sync) {
            p->heard++;
            (void)PQsetSingleRowMode(link); /* of the next one */
        }
        PQclear(r);
    }
}

/* ---- sending ---- */

/* Until all is sent; reading meanwhile, since the server may not take more before it is rid of what it has to say. */
static void
exchange(gw_pg_pipeline *p)
{
    PGconn *const link = p->c->link;
    p->pending = 0;
    while (PQflush(link) == 1) {
        const short ready = gw_pg_wire_wait(p->c, POLLIN | POLLOUT, 0);
        if (ready == 0 || ((ready & POLLIN) != 0 && PQconsumeInput(link) == 0))
            return; /* lost: the next answer says how */
        hear(p, false);
    }
}

static void
note_sent(gw_pg_pipeline *p, gw_pg_sent sent, int well)
{
    if (well == 0) {
        fail(p, &sent.step, NULL);
        return;
    }
    *gw_vec_push(p->arena, &p->sent) = sent;
    if (p->heard + 1 == p->sent.len)
        (void)PQsetSingleRowMode(p->c->link);
    p->pending += sent.step.sql.len;
    if (p->pending >= PENDING_MOST)
        exchange(p);
}

static const char *
text_of(gw_pg_pipeline *p, gw_str sql)
{
    p->text.len = 0;
    gw_buf_add(&p->text, sql);
    return gw_buf_text(&p->text);
}

static const char *const *
values_of(gw_pg_pipeline *p, const gw_pg_step *step)
{
    const char **const values = gw_new_array(p->arena, const char *, step->count + 1);
    for (size_t i = 0; i < step->count; i++)
        values[i] = step->params[i].text;
    return values;
}

void
gw_pg_pipeline_send(gw_pg_pipeline *p, const gw_pg_step *step)
{
    if (p->failed)
        return;
    note_sent(p, (gw_pg_sent){.step = *step},
              PQsendQueryParams(p->c->link, text_of(p, step->sql), (int)step->count, NULL, values_of(p, step), NULL,
                                NULL, 0));
}

void
gw_pg_pipeline_send_known(gw_pg_pipeline *p, const gw_pg_step *step)
{
    PGconn *const link = p->c->link;
    size_t i = 0;
    if (p->failed)
        return;
    while (i < p->known.len && !gw_str_eq(p->known.at[i], step->sql))
        i++;
    const char *const name = gw_printf(p->arena, "godwit_%zu", i);
    if (i == p->known.len) {
        *gw_vec_push(p->arena, &p->known) = step->sql;
        note_sent(p, (gw_pg_sent){.step = *step, .is_answered_by_parsing = true},
                  PQsendPrepare(link, name, text_of(p, step->sql), 0, NULL));
    }
    note_sent(p, (gw_pg_sent){.step = *step},
              PQsendQueryPrepared(link, name, (int)step->count, values_of(p, step), NULL, NULL, 0));
}

/* ---- one flight ---- */

void
gw_pg_pipeline_begin(gw_pg_pipeline *p)
{
    p->text = gw_buf_new(p->arena);
    gw_pg_wire_clear(p->c);
    if (PQenterPipelineMode(p->c->link) == 0)
        fail(p, &(gw_pg_step){0}, NULL);
}

void
gw_pg_pipeline_end(gw_pg_pipeline *p)
{
    const gw_pg_sent sync = {.is_sync = true};
    note_sent(p, sync, PQpipelineSync(p->c->link));
    exchange(p);
    hear(p, true);
    if (gw_pg_pipeline_is_lost(p))
        fail(p, &sync.step, NULL);
    (void)PQexitPipelineMode(p->c->link);
}
