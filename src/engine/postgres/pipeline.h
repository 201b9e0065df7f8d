/*
 * engine/postgres/pipeline - statements sent one behind the other, their answers heard meanwhile, up to one sync at the end.
 *
 * The server skips everything behind a failure; nothing is sent any more either, once it is known. Writing and reading go on at the same
 * time, so that neither side can block the other, and rows are dropped as they come, so that memory does not grow with a result. COPY
 * must not be sent here.
 */
#ifndef GW_ENGINE_POSTGRES_PIPELINE_H
#define GW_ENGINE_POSTGRES_PIPELINE_H

#include "engine/postgres/session.h"

/* One statement; what it is for is the caller's business. */
typedef struct gw_pg_step {
    int kind;
    size_t item, op;
    gw_str sql;
    const gw_param *params;
    size_t count;
} gw_pg_step;

/* A row (the first of it in r), or the end of a statement that went well. false: it is a failure all the same, *e says which. */
typedef bool gw_pg_answer_fn(void *ctx, const gw_pg_step *step, PGresult *r, gw_err *e);

typedef struct gw_pg_sent gw_pg_sent;

/* Begun zeroed but for the first four. */
typedef struct gw_pg_pipeline {
    gw_arena *arena;
    gw_pg *c;
    gw_pg_answer_fn *fn;
    void *ctx;

    bool failed; /* the first failure counts: */
    gw_pg_step failed_step;
    gw_err failure;

    gw_buf text; /* of the statement at hand, zero-terminated */
    gw_vec(gw_str) known;
    gw_vec(gw_pg_sent) sent;
    size_t heard;   /* of these were answered to the end */
    size_t pending; /* bytes that may not be on their way yet */
} gw_pg_pipeline;

void gw_pg_pipeline_begin(gw_pg_pipeline *p);
void gw_pg_pipeline_send(gw_pg_pipeline *p, const gw_pg_step *step);
/* The same for a text that comes again and again: parsed and planned once, as a prepared statement named godwit_…, which stays. */
void gw_pg_pipeline_send_known(gw_pg_pipeline *p, const gw_pg_step *step);
/* Until everything is answered, or the connection is lost. */
void gw_pg_pipeline_end(gw_pg_pipeline *p);

/* Nobody needs to send more: a failure, a cancel, a loss. */
bool gw_pg_pipeline_is_over(const gw_pg_pipeline *p);
bool gw_pg_pipeline_is_lost(const gw_pg_pipeline *p);

#endif
