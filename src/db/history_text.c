#include "db/history_text.h"

#include <string.h>

#include "base/hash.h"
#include "sql/quote.h"

/* Names of 63 bytes are the longest that every server takes; PostgreSQL would cut two longer ones to the same. */
enum { NAME_BYTES = 63, HASH_DIGITS = 8 };
#define LEASE_SUFFIX "_lease"

typedef struct mark {
    const char *name; /* "{table}" */
    gw_str text;
} mark;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* In one pass: a brace within what was filled in is not looked at. */
static const char *
fill(gw_arena *a, const char *text, const mark *marks, size_t count)
{
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = gw_str_of(text); rest.len > 0;) {
        const char *const brace = memchr(rest.ptr, '{', rest.len);
        const size_t plain = brace == NULL ? rest.len : (size_t)(brace - rest.ptr);
        gw_buf_add(&out, gw_str_slice(rest, 0, plain));
        rest = gw_str_slice(rest, plain, rest.len);
        size_t i = 0;
        while (i < count && !gw_str_starts(rest, marks[i].name))
            i++;
        const size_t read = i < count ? strlen(marks[i].name) : rest.len > 0;
        gw_buf_add(&out, i < count ? marks[i].text : gw_str_slice(rest, 0, read));
        rest = gw_str_slice(rest, read, rest.len);
    }
    return gw_buf_text(&out);
}

/* ---- names ---- */

gw_rc
gw_history_text_name(gw_arena *a, const char *name, gw_dialect dialect, const char **schema, const char **table,
                     gw_err *e)
{
    gw_str parts[3] = {{0}};
    const size_t count = gw_name_parts(a, gw_str_of(name), dialect, parts);
    if (count == 0 || count > 2 || parts[count - 1].len == 0) {
        gw_fail(e, GODWIT_USAGE, "'%s' does not name a history table", name);
        return gw_err_hint(e, "write it as `history: table` or `history: schema.table`");
    }
    *table = gw_strdup(a, parts[count - 1]);
    *schema = count == 2 ? gw_strdup(a, parts[0]) : NULL;
    return GODWIT_OK;
}

char *
gw_history_text_lease(gw_arena *a, const char *table)
{
    const size_t room = NAME_BYTES - strlen(LEASE_SUFFIX);
    const size_t len = strlen(table);
    if (len <= room)
        return gw_printf(a, "%s" LEASE_SUFFIX, table);
    size_t kept = room - HASH_DIGITS - 1;
    while (kept > 0 && ((unsigned char)table[kept] & 0xC0) == 0x80)
        kept--; /* not within a character */
    return gw_printf(a, "%.*s_%.*s" LEASE_SUFFIX, (int)kept, table, HASH_DIGITS, gw_sha256_hex(a, gw_str_of(table)));
}

static gw_str
quoted(gw_arena *a, void (*quote)(gw_buf *, gw_str, gw_dialect), const char *text, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    quote(&out, gw_str_of(text), dialect);
    return gw_buf_str(&out);
}

static gw_str
qualified(gw_arena *a, const gw_history_text *t, const char *name)
{
    const gw_str own = quoted(a, gw_quote_name, name, t->dialect);
    if (t->space == NULL)
        return own;
    return gw_str_of(
        gw_printf(a, "%.*s.%.*s", GW_STR_ARG(quoted(a, gw_quote_name, t->space, t->dialect)), GW_STR_ARG(own)));
}

/* ---- texts ---- */

/* What holds the fingerprint in the texts that write it. */
static const char *const parameters[GW_SQL__COUNT] = {
    [GW_SQL_HISTORY_INSERT] = "$9", [GW_SQL_HISTORY_MARK] = "$3", [GW_SQL_HISTORY_END] = "$4",
    [GW_SQL_BATCH_INSERT] = "$9",   [GW_SQL_BATCH_MARK] = "$3",   [GW_SQL_BATCH_END] = "$4",
    [GW_SQL_BATCH_JOIN] = "$33",    [GW_SQL_BATCH_PLAIN] = "$9",
};

static const char *
fingerprint(gw_arena *a, const gw_history_text *t, gw_sql_id id, const char *states)
{
    if (states == NULL || t->engine->sql[GW_SQL_FINGERPRINT] == NULL)
        return parameters[id];
    const mark marks[] = {{"{parameter}", gw_str_of(parameters[id])}, {"{states}", gw_str_of(states)}};
    return fill(a, t->engine->sql[GW_SQL_FINGERPRINT], marks, COUNT(marks));
}

enum { MARKS = 7 };

static void
read_marks(gw_arena *a, const gw_history_text *t, mark *out)
{
    const char *const lease = gw_history_text_lease(a, t->table);
    const mark marks[MARKS] = {
        {"{table}", qualified(a, t, t->table)},
        {"{lease}", qualified(a, t, lease)},
        {"{schema}", t->space == NULL ? (gw_str){0} : quoted(a, gw_quote_name, t->space, t->dialect)},
        {"{schema_text}",
         t->space == NULL ? gw_str_of(t->engine->current_schema) : quoted(a, gw_quote_string, t->space, t->dialect)},
        {"{table_text}", quoted(a, gw_quote_string, t->table, t->dialect)},
        {"{lease_text}", quoted(a, gw_quote_string, lease, t->dialect)},
        {"{held}", gw_str_of(t->condition == NULL ? "1 = 1" : t->condition)},
    };
    memcpy(out, marks, sizeof(marks));
}

static gw_history_sql
fill_one(gw_arena *a, const gw_history_text *t, const mark *marks, gw_sql_id id)
{
    static const char opening[] = "{fingerprint}";
    const char *const text = t->engine->sql[id];
    if (text == NULL)
        return (gw_history_sql){0};
    const char *const at = strstr(text, opening);
    if (at == NULL)
        return (gw_history_sql){.whole = fill(a, text, marks, MARKS)};
    const char *const head = gw_strdup(a, (gw_str){text, (size_t)(at - text)});
    gw_history_sql out = {.head = fill(a, head, marks, MARKS), .tail = fill(a, at + strlen(opening), marks, MARKS)};
    out.whole = gw_history_text_with(a, t, &out, id, NULL);
    return out;
}

gw_history_sql
gw_history_text_fill(gw_arena *a, const gw_history_text *t, gw_sql_id id)
{
    mark marks[MARKS];
    read_marks(a, t, marks);
    return fill_one(a, t, marks, id);
}

void
gw_history_text_fill_all(gw_arena *a, const gw_history_text *t, gw_history_sql *out)
{
    mark marks[MARKS];
    read_marks(a, t, marks);
    for (gw_sql_id id = 0; id < GW_SQL__COUNT; id++)
        out[id] = fill_one(a, t, marks, id);
}

const char *
gw_history_text_with(gw_arena *a, const gw_history_text *t, const gw_history_sql *sql, gw_sql_id id, const char *states)
{
    gw_buf out = gw_buf_new(a);
    gw_buf_puts(&out, sql->head);
    gw_buf_puts(&out, fingerprint(a, t, id, states));
    gw_buf_puts(&out, sql->tail);
    return gw_buf_text(&out);
}
