#include "workflow/doubt.h"

#include <string.h>

#include "workflow/connect.h"
#include "workflow/session_open.h"

gw_rc
gw_doubt_newest(gw_arena *a, const gw_session *s, const char *version, gw_record *out, bool *found, gw_err *e)
{
    gw_err late = {0};
    if (gw_history_newest(a, &s->history, version, out, found, &late) != GODWIT_INTERRUPTED) {
        *e = late;
        return late.rc;
    }
    return gw_history_newest(a, &s->history, version, out, found, e);
}

/* ---- the last look ---- */

enum { LOOK_MS = 5000 };

static void
drop_link(gw_session *s)
{
    s->conn = NULL;
    gw_arena_reset(s->link);
}

static gw_rc
open_unlocked(gw_session *s, gw_err *e)
{
    gw_lock_method method;
    const char *key;
    GW_TRY(gw_connect(s, e));
    GW_TRY(gw_history_open(s->link, s->conn, &s->probe, &s->history, e));
    GW_TRY(gw_session_lock_named(s->link, s, &method, &key, e));
    gw_history_hold(s->link, &s->history, key, NULL); /* every write looks for the lock, and fails */
    return GODWIT_OK;
}

gw_rc
gw_doubt_look(gw_session *s, gw_err *e)
{
    s->reopened++;
    drop_link(s);
    gw_watch_extend(s->watch, LOOK_MS);
    s->is_last_look = true;
    const gw_rc rc = open_unlocked(s, e);
    s->is_last_look = false;
    if (rc != GODWIT_OK)
        drop_link(s);
    return rc;
}

/* ---- a commit ---- */

/* What the history says. */
typedef struct sight {
    gw_record newest;
    bool found;
    bool is_last; /* seen when the time was over, without the lock: what is not there may still come */
} sight;

static bool
is_ours(const gw_record *newest, const gw_record *after)
{
    return newest->run_id != NULL && strcmp(newest->run_id, after->run_id) == 0 && newest->state == after->state &&
           newest->done == after->done;
}

/* Connect, lock and read. */
static gw_rc
look(gw_arena *a, gw_session *s, const char *version, sight *out, gw_err *e)
{
    gw_tell_note(s->call, "the connection was lost during a commit: looking whether it was kept");
    GW_TRY(gw_session_reopen(s, NULL, e));
    return gw_history_newest(a, &s->history, version, &out->newest, &out->found, e);
}

/* Connect and read, when the time is over. */
static gw_rc
look_last(gw_arena *a, gw_session *s, const char *version, sight *out, gw_err *e)
{
    gw_rc rc = gw_doubt_look(s, e);
    if (rc == GODWIT_OK)
        rc = gw_history_newest(a, &s->history, version, &out->newest, &out->found, e);
    gw_watch_extend(s->watch, 0);
    out->is_last = true;
    return rc;
}

static bool
is_time_over(const gw_session *s)
{
    gw_err ignored = {0};
    return gw_watch_check(s->watch, &ignored) != GODWIT_OK;
}

/* It stays open. */
static gw_rc
fail_unsettled(gw_session *s, const gw_err *lost, const char *why, gw_err *e)
{
    *e = *lost;
    const gw_rc rc = gw_err_note(e, "%s", why);
    if (gw_watch_leave(s->watch, rc, e) != GODWIT_OK)
        e->hint[0] = '\0';
    return gw_err_hint(e, "look before you go on: `godwit status` tells, as soon as the server answers");
}

gw_rc
gw_doubt_settle(gw_session *s, const gw_doubt *doubt, const gw_err *lost, bool *settled, gw_err *e)
{
    GW_SCOPE(a);
    sight seen = {0};
    gw_err unseen = {0}, unseen_last = {0};
    const char *const version = doubt->after->version;
    *settled = false;
    gw_rc rc = look(a, s, version, &seen, &unseen);
    if (rc != GODWIT_OK && is_time_over(s))
        rc = look_last(a, s, version, &seen, &unseen_last);
    if (rc != GODWIT_OK)
        return fail_unsettled(s, lost,
                              gw_printf(a, "godwit could not look whether the commit was kept: %s",
                                        seen.is_last ? unseen_last.message : unseen.message),
                              e);
    if (seen.found && is_ours(&seen.newest, doubt->after)) {
        *settled = true;
        gw_tell_note(s->call,
                     seen.is_last ? "the commit was kept" : "the commit was kept; going on with a new connection");
        return GODWIT_OK;
    }
    if (seen.is_last)
        return fail_unsettled(s, lost,
                              "godwit looked on another connection: the commit was not there, but may still come", e);
    *e = *lost;
    if ((seen.found ? seen.newest.id : 0) != doubt->before) {
        (void)gw_err_note(e, "another runner was quicker to go on with %s", version);
        return gw_err_hint(e, "`godwit history` tells what happened");
    }
    *settled = true;
    return gw_err_note(e, "godwit connected again and looked: the commit was not kept");
}
