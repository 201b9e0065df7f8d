#include "workflow/doubt.h"

#include <string.h>

static bool
is_ours(const gw_record *newest, const gw_record *after)
{
    return newest->run_id != NULL && strcmp(newest->run_id, after->run_id) == 0 && newest->state == after->state &&
           newest->done == after->done;
}

/* Connect, lock and read. */
static gw_rc
look(gw_arena *a, gw_session *s, const char *version, gw_record *newest, bool *found, gw_err *e)
{
    gw_tell_note(s->call, "the connection was lost during a commit: looking whether it was kept");
    GW_TRY(gw_session_reopen(s, e));
    return gw_history_newest(a, &s->history, version, newest, found, e);
}

gw_rc
gw_doubt_settle(gw_session *s, const gw_doubt *doubt, const gw_err *lost, bool *settled, gw_err *e)
{
    GW_SCOPE(a);
    gw_record newest;
    bool found;
    gw_err unseen = {0};
    const char *const version = doubt->after->version;
    *settled = false;
    if (look(a, s, version, &newest, &found, &unseen) != GODWIT_OK) {
        *e = *lost;
        (void)gw_err_note(e, "godwit could not look whether the commit was kept: %s", unseen.message);
        e->hint[0] = '\0';
        return gw_err_hint(e, "look before you go on: `godwit status` tells, as soon as the server answers");
    }
    if (found && is_ours(&newest, doubt->after)) {
        *settled = true;
        gw_tell_note(s->call, "the commit was kept; going on with a new connection");
        return GODWIT_OK;
    }
    *e = *lost;
    if ((found ? newest.id : 0) != doubt->before) {
        (void)gw_err_note(e, "another runner was quicker to go on with %s", version);
        return gw_err_hint(e, "`godwit history` tells what happened");
    }
    *settled = true;
    return gw_err_note(e, "godwit connected again and looked: the commit was not kept");
}
