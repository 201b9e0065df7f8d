#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/column.h"
#include "db/history_doubt.h"
#include "db/history_read.h"

static const char *const kind_names[] = {"versioned", "baseline"};
static const char *const direction_names[] = {"up", "down"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
is_one_of(const char *text, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && !gw_str_is(gw_str_of(text), names[i]))
        i++;
    return i < count;
}

/* What is pending has no row. */
static bool
find_state(const char *text, godwit_state *out)
{
    for (godwit_state state = GODWIT_PENDING + 1; text != NULL && state <= GODWIT_DEFERRED; state++)
        if (gw_str_is(gw_str_of(text), gw_state_name(state))) {
            *out = state;
            return true;
        }
    return false;
}

static gw_rc
refuse_newer(const char *shown, const char *what, const char *value, const char *const *v, gw_err *e)
{
    const char *const tool = v[GW_COLUMN_TOOL] == NULL ? "an unknown version" : v[GW_COLUMN_TOOL];
    gw_fail(e, GODWIT_FOLDER, "history table %s was written by a newer godwit (%s '%s' in row %s, by %s%s)", shown,
            what, value == NULL ? "NULL" : value, v[GW_COLUMN_ID],
            v[GW_COLUMN_TOOL] == NULL || gw_str_starts(gw_str_of(tool), "godwit") ? "" : "godwit ", tool);
    return gw_err_hint(e, "upgrade this godwit (it is %s)", GW_VERSION);
}

/* What we do not understand may change what the row means; so nothing is guessed. */
static gw_rc
check_words(const char *shown, const char *const *v, godwit_state *state, gw_err *e)
{
    const char *const kind = v[GW_COLUMN_KIND], *const direction = v[GW_COLUMN_DIRECTION];
    if (!is_one_of(kind, kind_names, COUNT(kind_names)))
        return refuse_newer(shown, "kind", kind, v, e);
    if (!is_one_of(direction, direction_names, COUNT(direction_names)))
        return refuse_newer(shown, "direction", direction, v, e);
    return find_state(v[GW_COLUMN_STATE], state) ? GODWIT_OK : refuse_newer(shown, "state", v[GW_COLUMN_STATE], v, e);
}

static int64_t
number(const char *text)
{
    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

/* What nobody's godwit writes was written by hand, and may mean anything. */
static gw_rc
check_counts(const char *shown, const char *const *v, gw_err *e)
{
    static const struct {
        size_t column;
        const char *name;
    } counts[] = {{GW_COLUMN_STATEMENTS, "statements"}, {GW_COLUMN_DONE, "done"}};
    for (size_t i = 0; i < COUNT(counts); i++) {
        if (number(v[counts[i].column]) >= 0)
            continue;
        gw_fail(e, GODWIT_FOLDER, "history table %s has a row that no godwit wrote: %s is %s in row %s", shown,
                counts[i].name, v[counts[i].column], v[GW_COLUMN_ID]);
        return gw_err_hint(e, "put the row right; `godwit resolve` settles a migration without writing there by hand");
    }
    return GODWIT_OK;
}

static size_t
count_of(const char *text)
{
    return (size_t)number(text);
}

/* ---- rows ---- */

gw_rc
gw_history_read_row(gw_arena *a, const char *shown, const char *const *v, gw_records *out, gw_err *e)
{
    godwit_state state = GODWIT_PENDING;
    if (v[GW_COLUMN_ID] == NULL)
        return GODWIT_OK;
    GW_TRY(check_words(shown, v, &state, e));
    GW_TRY(check_counts(shown, v, e));
    *gw_vec_push(a, out) = (gw_record){
        .id = number(v[GW_COLUMN_ID]),
        .version = gw_text(a, v[GW_COLUMN_VERSION]),
        .name = gw_text(a, v[GW_COLUMN_NAME]),
        .kind = gw_text(a, v[GW_COLUMN_KIND]),
        .direction = gw_text(a, v[GW_COLUMN_DIRECTION]),
        .state = state,
        .checksum = gw_text(a, v[GW_COLUMN_CHECKSUM]),
        .statements = count_of(v[GW_COLUMN_STATEMENTS]),
        .done = count_of(v[GW_COLUMN_DONE]),
        .fingerprint = gw_text(a, v[GW_COLUMN_FINGERPRINT]),
        .started_at = gw_text(a, v[GW_COLUMN_STARTED_AT]),
        .finished_at = gw_text(a, v[GW_COLUMN_FINISHED_AT]),
        .duration_ms = number(v[GW_COLUMN_DURATION_MS]),
        .applied_by = gw_text(a, v[GW_COLUMN_APPLIED_BY]),
        .run_id = gw_text(a, v[GW_COLUMN_RUN_ID]),
        .tool = gw_text(a, v[GW_COLUMN_TOOL]),
        .error = gw_text(a, v[GW_COLUMN_ERROR]),
        .down = gw_text(a, v[GW_COLUMN_DOWN]),
    };
    return GODWIT_OK;
}

typedef struct reading {
    gw_arena *a;
    const gw_history *h;
    gw_records *records;
    gw_err *e;
} reading;

static bool
read_row(void *ctx, size_t columns, const char *const *v)
{
    const reading *const r = ctx;
    assert(columns >= GW_COLUMN__COUNT);
    return gw_history_believe(r->h->conn, r->h->shown, gw_history_doubt(columns, v), r->e) == GODWIT_OK &&
           gw_history_read_row(r->a, r->h->shown, v, r->records, r->e) == GODWIT_OK;
}

static gw_rc
read_rows(gw_arena *a, const gw_history *h, gw_sql_id id, const gw_param *params, size_t count, gw_records *out,
          gw_err *e)
{
    gw_err words = {0};
    reading r = {.a = a, .h = h, .records = out, .e = &words};
    *out = (gw_records){0};
    if (!h->exists)
        return GODWIT_OK;
    if (h->conn->engine->query(h->conn, h->sql[id], params, count, read_row, &r, e) != GODWIT_OK)
        return gw_err_note(e, "while reading the history table %s", h->shown);
    if (words.rc != GODWIT_OK)
        *e = words;
    return words.rc;
}

gw_rc
gw_history_list(gw_arena *a, const gw_history *h, gw_records *out, gw_err *e)
{
    return read_rows(a, h, GW_SQL_HISTORY_LIST, NULL, 0, out, e);
}

gw_rc
gw_history_newest(gw_arena *a, const gw_history *h, const char *version, gw_record *out, bool *found, gw_err *e)
{
    gw_records rows = {0};
    *found = false;
    GW_TRY(read_rows(a, h, GW_SQL_HISTORY_NEWEST, (gw_param[]){{version}}, 1, &rows, e));
    *found = rows.len > 0;
    if (*found)
        *out = rows.at[rows.len - 1];
    return GODWIT_OK;
}
