#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/column.h"
#include "db/history_doubt.h"
#include "db/history_read.h"

static const char *const kind_names[] = {"versioned",  "baseline",   "adopted",
                                         "repeatable", "checkpoint", GW_RECORD_COVERED};
static const char *const direction_names[] = {"up", "down"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The name itself, so that no row needs a copy; NULL: it is none of them. */
static const char *
one_of(const char *text, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && !gw_str_is(gw_str_of(text), names[i]))
        i++;
    return i < count ? names[i] : NULL;
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
read_words(const char *shown, const char *const *v, gw_record *out, gw_err *e)
{
    out->kind = one_of(v[GW_COLUMN_KIND], kind_names, COUNT(kind_names));
    if (out->kind == NULL)
        return refuse_newer(shown, "kind", v[GW_COLUMN_KIND], v, e);
    out->direction = one_of(v[GW_COLUMN_DIRECTION], direction_names, COUNT(direction_names));
    if (out->direction == NULL)
        return refuse_newer(shown, "direction", v[GW_COLUMN_DIRECTION], v, e);
    return find_state(v[GW_COLUMN_STATE], &out->state) ? GODWIT_OK
                                                       : refuse_newer(shown, "state", v[GW_COLUMN_STATE], v, e);
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

/* Rows have much in common with those before them. */
static const char *
text_like(gw_arena *a, const char *text, const char *like)
{
    return text != NULL && like != NULL && strcmp(text, like) == 0 ? like : gw_text(a, text);
}

gw_rc
gw_history_read_row(gw_arena *a, const char *shown, const char *const *v, const gw_record *like, gw_record *out,
                    gw_err *e)
{
    static const gw_record none;
    const gw_record *const l = like == NULL ? &none : like;
    gw_record words = {0};
    GW_TRY(read_words(shown, v, &words, e));
    GW_TRY(check_counts(shown, v, e));
    *out = (gw_record){
        .id = number(v[GW_COLUMN_ID]),
        .version = text_like(a, v[GW_COLUMN_VERSION], l->version),
        .name = text_like(a, v[GW_COLUMN_NAME], l->name),
        .kind = words.kind,
        .direction = words.direction,
        .state = words.state,
        .checksum = text_like(a, v[GW_COLUMN_CHECKSUM], l->checksum),
        .statements = count_of(v[GW_COLUMN_STATEMENTS]),
        .done = count_of(v[GW_COLUMN_DONE]),
        .fingerprint = gw_text(a, v[GW_COLUMN_FINGERPRINT]),
        .started_at = text_like(a, v[GW_COLUMN_STARTED_AT], l->started_at),
        .finished_at = gw_text(a, v[GW_COLUMN_FINISHED_AT]),
        .duration_ms = number(v[GW_COLUMN_DURATION_MS]),
        .applied_by = text_like(a, v[GW_COLUMN_APPLIED_BY], l->applied_by),
        .run_id = text_like(a, v[GW_COLUMN_RUN_ID], l->run_id),
        .tool = text_like(a, v[GW_COLUMN_TOOL], l->tool),
        .error = gw_text(a, v[GW_COLUMN_ERROR]),
        .down = gw_text(a, v[GW_COLUMN_DOWN]),
        .has_down = v[GW_COLUMN_DOWN] != NULL,
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
    const size_t len = r->records->len;
    const gw_record *const like = len == 0 ? NULL : &r->records->at[len - 1];
    gw_record row;
    assert(columns >= GW_COLUMN__COUNT);
    if (gw_history_believe(r->h->conn, r->h->shown, gw_history_doubt(columns, v), r->e) != GODWIT_OK)
        return false;
    if (v[GW_COLUMN_ID] == NULL)
        return true;
    if (gw_history_read_row(r->a, r->h->shown, v, like, &row, r->e) != GODWIT_OK)
        return false;
    *gw_vec_push(r->a, r->records) = row;
    return true;
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
