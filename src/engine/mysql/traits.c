#include "engine/mysql/traits.h"

#include "sql/classify.h"

#include "base/ban.h"

/* What words outside of quotes and comments hint at. */
typedef enum hint {
    LOCK = 1 << 0,
    RUNS = 1 << 1, /* a text that is not to be seen here */
    LOOKS_BACK = 1 << 2,
    QUERIES = 1 << 3, /* may call functions */
    ROLE = 1 << 4,
    TEMPORARY = 1 << 5,
    REREADS = 1 << 6,
    EXECUTABLE = 1 << 7, /* a comment that is none for some servers */
    TABLES = 1 << 8      /* the noun; a second one may be MySQL's TABLE t, a query */
} hint;

static const struct {
    const char *word;
    unsigned hint;
} words[] = {
    {"lock", LOCK},
    {"export", LOCK}, /* FLUSH TABLES … FOR EXPORT */
    {"execute", RUNS},
    {"call", RUNS},
    {"row_count", LOOKS_BACK},
    {"found_rows", LOOKS_BACK},
    {"diagnostics", LOOKS_BACK},
    {"warnings", LOOKS_BACK},
    {"errors", LOOKS_BACK},
    {"warning_count", LOOKS_BACK},
    {"error_count", LOOKS_BACK},
    {"select", QUERIES},
    {"values", QUERIES},
    {"table", TABLES},
    {"role", ROLE},
    {"temporary", TEMPORARY},
    {"names", REREADS},
    {"char", REREADS},
    {"charset", REREADS},
    {"character", REREADS},
    {"autocommit", REREADS},
    {"completion_type", REREADS},
    {"transaction", REREADS},
};
/* character_set_client, collation_connection, sql_mode, session_track_… */
static const char *const rereading[] = {"character_set_", "collation_", "sql_mode", "session_track_"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct scan {
    gw_str sql;
    size_t at;
    const gw_mysql_reading *reading;
    bool doubt; /* one reader may see another end than we do */
    unsigned hints;
} scan;

static char
peek(const scan *s, size_t ahead)
{
    return s->at + ahead < s->sql.len ? s->sql.ptr[s->at + ahead] : '\0';
}

static bool
is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Past the closing quote. A doubled one just opens again. Between "…" a backslash is one thing with ANSI_QUOTES and another
 * without; between '…' it is what the session says. */
static void
skip_quoted(scan *s)
{
    const char quote = s->sql.ptr[s->at++];
    while (s->at < s->sql.len && s->sql.ptr[s->at] != quote) {
        const bool backslash = s->sql.ptr[s->at] == '\\' && quote != '`';
        s->doubt = s->doubt || (backslash && (quote == '"' || s->reading->unsure));
        s->at += backslash && !s->reading->no_backslash ? 2 : 1;
    }
    s->doubt = s->doubt || s->at >= s->sql.len;
    s->at++;
}

static void
skip_line(scan *s)
{
    const char *const end = memchr(s->sql.ptr + s->at, '\n', s->sql.len - s->at);
    s->doubt = s->doubt || end == NULL;
    s->at = end == NULL ? s->sql.len : (size_t)(end - s->sql.ptr) + 1;
}

/* What is behind the opening of an executable comment is read like the rest: the hints of its words count. */
static void
skip_block(scan *s)
{
    s->at += 2;
    if (peek(s, 0) == '!' || peek(s, 0) == '+' || (peek(s, 0) == 'M' && peek(s, 1) == '!')) {
        s->hints |= EXECUTABLE;
        s->doubt = true;
        return;
    }
    const char *const end = memmem(s->sql.ptr + s->at, s->sql.len - s->at, "*/", 2);
    s->doubt = s->doubt || end == NULL;
    s->at = end == NULL ? s->sql.len : (size_t)(end - s->sql.ptr) + 2;
}

/* LOCK=NONE of an ALTER TABLE locks nothing that stays. */
static bool
is_option(const scan *s)
{
    size_t at = s->at;
    while (at < s->sql.len && isspace((unsigned char)s->sql.ptr[at]))
        at++;
    return at < s->sql.len && s->sql.ptr[at] == '=';
}

static void
take_word(scan *s)
{
    const size_t begin = s->at;
    while (s->at < s->sql.len && is_word_byte(s->sql.ptr[s->at])) {
        s->doubt = s->doubt || ((unsigned char)s->sql.ptr[s->at] >= 0x80 && s->reading->unsure);
        s->at++;
    }
    const gw_str word = gw_str_slice(s->sql, begin, s->at);
    for (size_t i = 0; i < COUNT(words); i++)
        if (gw_str_is_nocase(word, words[i].word) && !(words[i].hint == LOCK && is_option(s)))
            s->hints |= (s->hints & words[i].hint & TABLES) != 0 ? QUERIES : words[i].hint;
    for (size_t i = 0; i < COUNT(rereading); i++)
        if (word.len >= strlen(rereading[i]) && strncasecmp(word.ptr, rereading[i], strlen(rereading[i])) == 0)
            s->hints |= REREADS;
}

static void
step(scan *s)
{
    const char c = s->sql.ptr[s->at];
    if (is_word_byte(c)) {
        take_word(s);
    } else if (c == '\'' || c == '"' || c == '`') {
        skip_quoted(s);
    } else if (c == '#' || (c == '-' && peek(s, 1) == '-' && (unsigned char)peek(s, 2) <= ' ')) {
        skip_line(s);
    } else if (c == '/' && peek(s, 1) == '*') {
        skip_block(s);
    } else {
        /* A dollar may open a quoted text (MySQL 9), a backslash is \N or an error. */
        s->doubt = s->doubt || c == ';' || c == '$' || c == '\\' || c == '\0';
        s->at++;
    }
}

static bool
has_body(gw_object_kind object)
{
    return object == GW_OBJECT_FUNCTION || object == GW_OBJECT_PROCEDURE || object == GW_OBJECT_TRIGGER ||
           object == GW_OBJECT_EVENT;
}

/* Statements that give one result, and whose end is that of their text. Not routines: a body that is not closed would go on in
 * what follows. */
static bool
joins(const gw_class *c)
{
    switch (c->kind) {
    case GW_CLASS_DDL:
        return c->object != GW_OBJECT_OTHER && !has_body(c->object);
    case GW_CLASS_SESSION:
        return gw_str_is_nocase(c->verb, "SET") || gw_str_is_nocase(c->verb, "USE");
    case GW_CLASS_DML:
    case GW_CLASS_BEGIN:
    case GW_CLASS_COMMIT:
    case GW_CLASS_ROLLBACK:
    case GW_CLASS_SAVEPOINT:
        return true;
    case GW_CLASS_OTHER:
    case GW_CLASS_QUERY:
        break;
    }
    return false;
}

/* MariaDB tells of everything but what a query's functions did, since there is no room for it behind rows; and of setting a
 * character set directly. MySQL tells nothing of roles either, which functions and triggers may set. */
static bool
is_tracked(const gw_class *c, unsigned hints, bool mariadb)
{
    if ((hints & EXECUTABLE) != 0)
        return false;
    if (c->kind == GW_CLASS_DDL)
        return has_body(c->object) || c->object == GW_OBJECT_VIEW ||
               (c->object != GW_OBJECT_ROLE && (hints & ROLE) == 0 && (mariadb || (hints & QUERIES) == 0));
    return c->kind == GW_CLASS_DML ? mariadb
                                   : c->kind == GW_CLASS_BEGIN || c->kind == GW_CLASS_COMMIT ||
                                         c->kind == GW_CLASS_ROLLBACK || c->kind == GW_CLASS_SAVEPOINT;
}

static bool
is_tame(const gw_class *c, unsigned hints)
{
    if (c->kind != GW_CLASS_DDL)
        return false;
    if (c->object == GW_OBJECT_VIEW)
        return true;
    return (c->object == GW_OBJECT_TABLE || c->object == GW_OBJECT_INDEX) && (hints & (QUERIES | TEMPORARY)) == 0;
}

static unsigned
traits_of(const gw_class *c, unsigned hints, bool mariadb)
{
    const bool settled = c->kind == GW_CLASS_DDL || c->kind == GW_CLASS_DML || c->kind == GW_CLASS_QUERY;
    const bool ends = c->commits || c->kind == GW_CLASS_COMMIT || c->kind == GW_CLASS_ROLLBACK;
    unsigned traits = ends ? GW_MYSQL_COMMITS : 0;
    traits |= is_tracked(c, hints, mariadb) ? GW_MYSQL_TRACKED : 0;
    traits |= (hints & LOOKS_BACK) != 0 ? GW_MYSQL_LOOKS_BACK : 0;
    traits |= c->kind == GW_CLASS_BEGIN ? GW_MYSQL_BEGINS : 0;
    if (c->changes_reading || (!settled && (hints & (REREADS | EXECUTABLE | RUNS)) != 0))
        traits |= GW_MYSQL_REREADS;
    if ((!settled || (hints & EXECUTABLE) != 0) && (hints & (LOCK | RUNS)) != 0)
        traits |= GW_MYSQL_LOCKS;
    return traits;
}

unsigned
gw_mysql_traits(gw_str sql, const gw_mysql_reading *reading)
{
    scan s = {.sql = sql, .reading = reading};
    while (s.at < sql.len)
        step(&s);
    const gw_class c =
        gw_classify(sql, (gw_dialect){.kind = GW_DIALECT_MYSQL, .no_backslash_escapes = reading->no_backslash});
    unsigned traits = traits_of(&c, s.hints, reading->mariadb);
    if (s.doubt || c.verb.len == 0)
        return traits;
    traits |= GW_MYSQL_ONE;
    if ((traits & GW_MYSQL_LOOKS_BACK) != 0 || !joins(&c))
        return traits;
    traits |= GW_MYSQL_JOINS;
    return (traits & GW_MYSQL_TRACKED) != 0 && is_tame(&c, s.hints) ? traits | GW_MYSQL_TAME : traits;
}
