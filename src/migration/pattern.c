#include "migration/pattern.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "migration/template.h"
#include "sql/quote.h"

const godwit_pattern gw_patterns[] = {
    {"add-table", "a new table with its index and comments"},
    {"add-column", "a column with a value for the rows that are there, then NOT NULL"},
    {"add-function", "a function with a comment"},
    {"modify-function", "a new version of a function; the down file has the old one"},
    {"add-index", "an index, built while the table is in use"},
    {"data-migration", "data changed, checked, and kept for the way back"},
    {"config", "rows that the application needs; rows that are there get these values"},
};
const size_t gw_pattern_count = sizeof(gw_patterns) / sizeof(gw_patterns[0]);

enum {
    WORD_CAP = 16,
    NAME_CAP = 48,
    LONG_NAME_CAP = 60
}; /* MySQL's names end at 64 characters, PostgreSQL's at 63 bytes */

/* ---- names from words ---- */

typedef struct words {
    gw_str at[WORD_CAP];
    size_t len;
} words;

/* What a pattern is about, and which words of the subject say only that. */
typedef struct guess_row {
    const char *pattern;
    const char *verbs;          /* dropped at the start, blank-separated */
    const char *table, *column; /* when the subject does not say; column NULL: all words name one object */
    bool one_word_is_table;
} guess_row;

static const guess_row guesses[] = {
    {"add-table", "add create new make", "examples", NULL, true},
    {"add-column", "add create new make backfill", "users", "nickname", false},
    {"add-function", "add create new make", "example", NULL, true},
    {"modify-function", "modify change alter replace fix", "example", NULL, true},
    {"add-index", "add create new make", "users", "email", true},
    {"data-migration", "migrate backfill update change fix clean normalize", "users", "email", true},
    {"config", "config", "settings", NULL, true},
};

static const char nouns[] = "table column columns index indexes function procedure data migration a an the";
static const char prepositions[] = "to on in of for from";

/* Words that cannot be a bare name in one of the dialects and are likely in a subject. */
static const char reserved[] =
    "all analyze and any as asc between by call case check column condition constraint default desc "
    "distinct div else end exists false for foreign from function grant group groups having if in "
    "index inner int interval into is join key keys lag lead left like limit match mod natural not "
    "null of offset on option or order outer over primary range rank read references release rename "
    "repeat replace return right row rows schema select set signal system table then to trigger "
    "true union unique update usage use user using values when where window with write";

static bool
is_one_of(gw_str word, const char *list)
{
    for (gw_str rest = gw_str_of(list); rest.ptr != NULL;)
        if (gw_str_eq(gw_str_cut(rest, ' ', &rest), word))
            return true;
    return false;
}

static bool
is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* In lower case; words beyond WORD_CAP are left out. */
static words
words_of(gw_arena *a, const char *subject)
{
    words w = {.len = 0};
    char *const text = gw_strdup(a, gw_str_of(subject));
    for (char *p = text; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    for (size_t at = 0; text[at] != '\0' && w.len < WORD_CAP;) {
        size_t end = at;
        while (is_word_byte(text[end]))
            end++;
        if (end > at)
            w.at[w.len++] = (gw_str){text + at, end - at};
        at = end > at ? end : at + 1;
    }
    return w;
}

/* Without the verbs at the start and the nouns anywhere; untouched when nothing would remain. */
static words
essence(words w, const char *verbs)
{
    words kept = {.len = 0};
    for (size_t i = 0; i < w.len; i++)
        if (!is_one_of(w.at[i], nouns) && !(kept.len == 0 && is_one_of(w.at[i], verbs)))
            kept.at[kept.len++] = w.at[i];
    return kept;
}

static gw_str
shorten(gw_str s, size_t cap)
{
    if (s.len <= cap)
        return s;
    s.len = cap;
    while (((unsigned char)s.ptr[s.len] & 0xC0) == 0x80)
        s.len--;
    return s;
}

static const char *
join(gw_arena *a, const words *w, size_t from, size_t to)
{
    gw_buf name = gw_buf_new(a);
    for (size_t i = from; i < to; i++) {
        if (i > from)
            gw_buf_putc(&name, '_');
        gw_buf_add(&name, w->at[i]);
    }
    return gw_strdup(a, shorten(gw_buf_str(&name), NAME_CAP));
}

typedef struct names {
    const char *table, *column; /* table also for a function */
} names;

static names
guess(gw_arena *a, const guess_row *g, const char *subject)
{
    names n = {g->table, g->column};
    const words w = essence(words_of(a, subject), g->verbs);
    if (w.len == 0)
        return n;
    if (g->column == NULL) {
        n.table = join(a, &w, 0, w.len);
        return n;
    }
    size_t split = 0;
    while (split < w.len && !is_one_of(w.at[split], prepositions))
        split++;
    if (split > 0 && split + 1 < w.len) { /* "email to users" */
        n.column = join(a, &w, 0, split);
        n.table = join(a, &w, split + 1, w.len);
        return n;
    }
    const size_t first = split == 0 ? 1 : 0;                        /* "on users email" */
    const size_t last = split > 0 && split < w.len ? split : w.len; /* "email to" */
    if (last - first >= 2) {                                        /* "users email" */
        n.table = join(a, &w, first, first + 1);
        n.column = join(a, &w, first + 1, last);
    } else if (last > first) {
        *(g->one_word_is_table ? &n.table : &n.column) = join(a, &w, first, last);
    }
    return n;
}

/* ---- filling the text ---- */

/* As it can stand in SQL: bare when it can. */
static void
put_name(gw_buf *out, const char *name, gw_dialect_kind dialect)
{
    const gw_str text = gw_str_of(name);
    if (is_one_of(text, reserved) || (name[0] >= '0' && name[0] <= '9'))
        gw_quote_name(out, text, (gw_dialect){.kind = dialect});
    else
        gw_buf_add(out, text);
}

static const char *
long_name(gw_arena *a, const char *prefix, const names *n, const char *suffix)
{
    const char *const column = n->column == NULL ? "created_at" : n->column;
    const char *const whole = gw_printf(a, "%s%s_%s", prefix, n->table, column);
    return gw_printf(a, "%.*s%s", GW_STR_ARG(shorten(gw_str_of(whole), LONG_NAME_CAP - strlen(suffix))), suffix);
}

static const char *
value_of(gw_arena *a, gw_str placeholder, const names *n)
{
    const struct {
        const char *placeholder, *value;
    } values[] = {
        {"table", n->table},
        {"function", n->table},
        {"column", n->column},
        {"index", long_name(a, "", n, "_idx")},
        {"check", long_name(a, "", n, "_not_null")},
        {"before", long_name(a, "", n, "_before")},
        {"step", long_name(a, "godwit_", n, "")},
    };
    size_t i = 0;
    while (!gw_str_is(placeholder, values[i].placeholder)) {
        i++;
        assert(i < sizeof(values) / sizeof(values[0])); /* the templates are ours */
    }
    return values[i].value;
}

static const char *
fill(gw_arena *a, const char *text, const names *n, gw_dialect_kind dialect)
{
    gw_buf out = gw_buf_new(a);
    gw_str rest = gw_str_of(text);
    for (;;) {
        gw_buf_add(&out, gw_str_cut(rest, '{', &rest));
        if (rest.ptr == NULL)
            return gw_buf_text(&out);
        gw_str placeholder = gw_str_cut(rest, '}', &rest);
        const bool is_bare = gw_str_starts(placeholder, "=");
        if (is_bare)
            placeholder = gw_str_slice(placeholder, 1, placeholder.len);
        const char *const value = value_of(a, placeholder, n);
        if (is_bare)
            gw_buf_puts(&out, value);
        else
            put_name(&out, value, dialect);
    }
}

static const char *
plain_subject(gw_arena *a, const char *subject)
{
    gw_buf line = gw_buf_new(a);
    const words w = words_of(a, subject);
    for (size_t i = 0; i < w.len; i++) {
        if (i > 0)
            gw_buf_putc(&line, ' ');
        gw_buf_add(&line, w.at[i]);
    }
    return gw_buf_text(&line);
}

static gw_rc
fail_unknown(const char *pattern, gw_err *e)
{
    const char *list[sizeof(gw_patterns) / sizeof(gw_patterns[0])];
    char all[160] = "";
    for (size_t i = 0; i < gw_pattern_count; i++) {
        list[i] = gw_patterns[i].name;
        const size_t len = strlen(all);
        (void)snprintf(all + len, sizeof(all) - len, "%s%s", i == 0 ? "" : ", ", list[i]);
    }
    const char *const near = gw_str_nearest(gw_str_of(pattern), list, gw_pattern_count);
    (void)gw_fail(e, GODWIT_USAGE, "there is no pattern '%s'", pattern);
    if (near != NULL)
        return gw_err_hint(e, "did you mean '%s'? There are %s", near, all);
    return gw_err_hint(e, "there are %s", all);
}

gw_rc
gw_pattern_fill(gw_arena *a, const char *pattern, const char *subject, gw_dialect_kind dialect, gw_pattern_text *out,
                gw_err *e)
{
    if (pattern == NULL) {
        const char *const line = plain_subject(a, subject);
        *out = (gw_pattern_text){gw_printf(a, "-- %s\n\n", line), gw_printf(a, "-- undo: %s\n\n", line)};
        return GODWIT_OK;
    }
    const gw_template *const t = gw_template_find(pattern, dialect);
    if (t == NULL)
        return fail_unknown(pattern, e);
    if (t->up == NULL) {
        (void)gw_fail(e, GODWIT_USAGE, "SQLite has no functions written in SQL, so there is no pattern %s for it",
                      pattern);
        return gw_err_hint(e, "the application registers functions with SQLite itself; a view may do");
    }
    size_t at = 0;
    while (strcmp(guesses[at].pattern, pattern) != 0)
        at++;
    const names n = guess(a, &guesses[at], subject);
    *out = (gw_pattern_text){fill(a, t->up, &n, dialect), fill(a, t->down, &n, dialect)};
    return GODWIT_OK;
}
