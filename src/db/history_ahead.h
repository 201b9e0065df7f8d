/*
 * db/history_ahead - the rows of the history, asked for along with open().
 *
 * Where there is a history, its rows are the cheapest answer of all to the question whether there is one, and nothing has to be asked
 * afterwards. Where the server refuses (there is none, or it is something else), and where the rows are not certain to be those of this
 * session's history, the probe is asked as ever.
 */
#ifndef GW_DB_HISTORY_AHEAD_H
#define GW_DB_HISTORY_AHEAD_H

#include "db/history_current.h"

typedef struct gw_history_ahead {
    gw_arena *arena; /* of the records: it outlives the connection */
    gw_history_probe *probe;
    const char *sql;
    bool is_elsewhere; /* a bare name leads to another schema than the one that is written to */
    bool is_strange;   /* a word that we do not know: told when it is read again */
    bool is_used;
    const char *doubt; /* see gw_history_believe */
    gw_history_current current;
} gw_history_ahead;

/* Set p->first* of an open() to the sql, gw_history_ahead_heard and the object itself, and p->otherwise to the probe's sql. */
gw_history_ahead gw_history_ahead_new(gw_arena *a, gw_history_probe *probe);
bool gw_history_ahead_heard(void *ahead, size_t columns, const char *const *values);
/* After that open(), once: is this the history, with its rows in ahead->current.records? Whether there are leases beside it is not known then
 * (h->is_brief). *fits false: gw_history_open() tells. */
GW_CHECKED gw_rc gw_history_ahead_open(gw_arena *a, gw_conn *c, gw_history_ahead *ahead, gw_history *out, bool *fits,
                                       gw_err *e);

#endif
