#include "db/predecessor_read.h"

#include <stdlib.h>
#include <string.h>

#include "db/predecessor_beside.h"
#include "db/predecessor_text.h"

typedef struct rows {
    gw_arena *a;
    gw_legacies *out;
} rows;

static gw_legacy_state
state_of(const char *word)
{
    static const char *const words[] = {[GW_LEGACY_APPLIED] = "applied",
                                        [GW_LEGACY_GONE] = "gone",
                                        [GW_LEGACY_UP_TO] = "up_to",
                                        [GW_LEGACY_PARTIAL] = "partial",
                                        [GW_LEGACY_FAILED] = "failed"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], word) == 0)
            return (gw_legacy_state)i;
    return GW_LEGACY_UNKNOWN;
}

enum { KEY, NAME, STATE, PROOF, AT, PROJECT, DONE, CHAIN, ERROR, COLUMNS };

static bool
take(void *ctx, size_t columns, const char *const *v)
{
    rows *const r = ctx;
    const char *texts[COLUMNS] = {0};
    for (size_t i = 0; i < columns && i < COLUMNS; i++)
        texts[i] = gw_text(r->a, v[i]);
    *gw_vec_push(r->a, r->out) = (gw_legacy){.key = texts[KEY] == NULL ? "" : texts[KEY],
                                             .name = texts[NAME],
                                             .state = state_of(texts[STATE] == NULL ? "" : texts[STATE]),
                                             .proof = texts[PROOF],
                                             .at = texts[AT],
                                             .project = texts[PROJECT],
                                             .done = texts[DONE] == NULL ? 0 : strtoull(texts[DONE], NULL, 10),
                                             .chain = texts[CHAIN],
                                             .error = texts[ERROR]};
    return true;
}

gw_rc
gw_predecessor_read(gw_arena *a, gw_conn *c, const gw_legacy_table *from, gw_legacies *out, gw_err *e)
{
    rows r = {a, out};
    const char *attached = NULL;
    const char *const sql = gw_predecessor_text(a, c, from->tool->rows, from);
    if (gw_predecessor_is_beside(c, from->schema))
        GW_TRY(gw_predecessor_attach(a, c, &attached, e));
    if (c->engine->query(c, sql, NULL, 0, take, &r, e) == GODWIT_OK)
        return attached == NULL ? GODWIT_OK : gw_predecessor_detach(c, e);
    gw_err ignored = {0};
    if (attached != NULL && gw_predecessor_detach(c, &ignored) != GODWIT_OK)
        return e->rc; /* it goes with the connection */
    return e->rc;
}
