#include "db/history_ahead.h"

#include "db/column.h"
#include "db/history_doubt.h"
#include "db/history_read.h"

/* ---- the question ---- */

static const char *
question(gw_arena *a, const gw_history_text *t)
{
    const char *const list = gw_history_text_fill(a, t, GW_SQL_HISTORY_PLAN).whole;
    const char *const here = gw_history_text_fill(a, t, GW_SQL_HISTORY_HERE).whole;
    return here[0] == '\0' || t->space != NULL ? list : gw_printf(a, "%s;\n%s", here, list);
}

gw_history_ahead
gw_history_ahead_new(gw_arena *a, gw_history_probe *probe)
{
    return (gw_history_ahead){.arena = a, .probe = probe, .sql = question(probe->arena, &probe->text)};
}

/* ---- the answer ---- */

bool
gw_history_ahead_heard(void *object, size_t columns, const char *const *values)
{
    gw_history_ahead *const ahead = object;
    gw_err strange = {0};
    if (columns == 1 && ahead->probe->engine->sql[GW_SQL_HISTORY_HERE][0] != '\0') {
        ahead->is_elsewhere = values[0] == NULL || values[0][0] != 't';
        return true;
    }
    if (columns < GW_COLUMN__COUNT)
        return gw_history_heard(ahead->probe, columns, values);
    const char *const doubt = gw_history_doubt(columns, values);
    if (doubt != NULL && ahead->doubt == NULL)
        ahead->doubt = gw_text(ahead->arena, doubt);
    if (ahead->is_strange || ahead->is_elsewhere)
        return true;
    ahead->is_strange = gw_history_current_add(ahead->arena, &ahead->current, "", values, &strange) != GODWIT_OK;
    return true;
}

/* It was written before the session's settings were known: would they have changed a letter of it? */
static bool
means_the_same(const gw_history *h, const gw_history_ahead *ahead)
{
    GW_SCOPE(scratch);
    gw_history_text text = h->text;
    if (!h->schema_is_said)
        text.space = NULL;
    return gw_str_is(gw_str_of(ahead->sql), question(scratch, &text));
}

gw_rc
gw_history_ahead_open(gw_arena *a, gw_conn *c, gw_history_ahead *ahead, gw_history *out, bool *fits, gw_err *e)
{
    *fits = false;
    if (ahead->is_used || ahead->is_elsewhere || ahead->is_strange || gw_history_is_heard(ahead->probe))
        return GODWIT_OK;
    ahead->is_used = true;
    GW_TRY(gw_history_name(a, c, ahead->probe, out, e));
    *fits = out->exists = means_the_same(out, ahead);
    out->is_brief = *fits && (c->engine->caps & GW_CAP_LEASE) != 0;
    return *fits ? gw_history_believe(c, out->shown, ahead->doubt, e) : GODWIT_OK;
}
