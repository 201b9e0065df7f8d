/*
 * workflow/burst - many migrations with few waits: as a batch of the engine (round trips), or as a group of transactions under one commit
 * (waits for the disk).
 *
 * Only what needs nobody's attention in between goes in a burst; it reports what is durable, and nothing else. A failure that may pass, or
 * that the engine cannot place, is not a burst's business: the migration is then run alone, where it is tried again, recorded and
 * explained.
 */
#ifndef GW_WORKFLOW_BURST_H
#define GW_WORKFLOW_BURST_H

#include "workflow/apply.h"

typedef struct gw_burst {
    gw_session *session;
    size_t size;          /* how many go in the next one: as many as a server does in a few seconds at most */
    bool is_needed_alone; /* hooks, time-outs: every migration runs by itself */
} gw_burst;

GW_CHECKED gw_rc gw_burst_open(gw_session *s, gw_burst *out, gw_err *e);
/* May this migration be part of one? */
bool gw_burst_takes(const gw_burst *b, const gw_step *step, const gw_script *script);

typedef struct gw_burst_end {
    size_t done; /* migrations that are carried out, durably; their outcomes are filled */
    bool alone;  /* the next one must be run alone, with look_first */
} gw_burst_end;

/* Carry out `count` migrations, at most b->size. Fewer without an error: go on behind them. An error is that of migration end->done,
 * recorded, with its outcome. Of a batch only the begin of the first is told: the rest is gw_burst_tell()'s; of a group everything. */
GW_CHECKED gw_rc gw_burst_run(gw_burst *b, const gw_apply_params *params, size_t count, gw_outcome *outcomes,
                              gw_burst_end *end, gw_err *e);
/* Tell of one migration of a batch that it began, and, when it is done, its statements. */
void gw_burst_tell(const gw_burst *b, const gw_apply_params *p, bool is_first, bool is_done);

#endif
