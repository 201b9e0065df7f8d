/*
 * db/heart - the thread that prolongs a lease while its owner works, and knows whether he did so all the time.
 *
 * It makes a connection of its own when the first beat is due, so that a short run needs none, and makes it anew when it is lost. From its
 * start it looks at the clock many times a beat, which costs the server nothing: a gap there means that the program, or its machine, slept. A server that
 * cannot be reached, or has no session left for it, is nothing of that kind: then the lease runs out, and is still ours until somebody takes it.
 * Whether the lease is still ours is asked by the fence, in the transaction that counts. Ends with its arena, and takes no longer for
 * that than a cancelled statement takes to end.
 */
#ifndef GW_DB_HEART_H
#define GW_DB_HEART_H

#include "db/engine.h"

enum { GW_HEART_PARAMS = 3 };

typedef struct gw_heart_params {
    const gw_engine *engine;
    const gw_open_params *open; /* its strings live as long as the heart */
    const char *sql;            /* a beat: hits one row; none: there is nothing left to prolong */
    gw_param params[GW_HEART_PARAMS];
    int64_t length_ms; /* of the lease, which began just now */
} gw_heart_params;

typedef struct gw_heart gw_heart;

GW_CHECKED gw_rc gw_heart_start(gw_arena *a, const gw_heart_params *p, gw_heart **out, gw_err *e);
/* Was it asleep for longer than the lease is long? Then it stays so, and nothing is prolonged any more. While it connects or waits for an
 * answer it cannot tell: a pooler may have no session for it, a statement may keep a whole cluster from committing. */
bool gw_heart_has_slept(gw_heart *h);

#endif
