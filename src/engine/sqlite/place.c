#include "engine/sqlite/place.h"

#include <string.h>

#include "sql/lex.h"
#include "sql/quote.h"

/* SQLite's sentences around a name: build.c, expr.c, resolve.c, alter.c, insert.c, attach.c. */
typedef struct sentence {
    const char *before, *after;
    bool inside; /* the message does not begin so. What does not count: "error in view v: no such table: t" */
    bool last;   /* the last of several is the culprit */
} sentence;
static const sentence sentences[] = {
    {"no such table: ", ""},
    {"no such column: ", ""},
    {"no such index: ", ""},
    {"no such view: ", ""},
    {"no such trigger: ", ""},
    {"no such module: ", ""},
    {"no such database: ", ""},
    {"no such collation sequence: ", ""},
    {"unknown database ", ""},
    {"duplicate column name: ", "", .last = true},
    {"table ", " already exists"},
    {"view ", " already exists"},
    {"index ", " already exists"},
    {"trigger ", " already exists"},
    {"there is already a table named ", ""},
    {"there is already an index named ", ""},
    {"there is already another table or index with this name: ", ""},
    {" has no column named ", "", .inside = true},
};

/* The sentence that a message is, and the name in it. */
static const sentence *
read_message(const char *message, gw_str *name)
{
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        const sentence *const s = &sentences[i];
        const char *const at = strstr(message, s->before);
        if (at == NULL || (at == message) == s->inside)
            continue;
        const gw_str rest = gw_str_of(at + strlen(s->before));
        if (!gw_str_ends(rest, s->after))
            continue;
        *name = gw_str_slice(rest, 0, rest.len - strlen(s->after));
        return s;
    }
    return NULL;
}

static gw_str
last_part(gw_str name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.')
            return gw_str_slice(name, i, name.len);
    return name;
}

static size_t
find_name(gw_str sql, gw_str name, bool last)
{
    static const gw_dialect dialect = {.kind = GW_DIALECT_SQLITE};
    GW_SCOPE(a);
    size_t found = 0;
    const char *const wanted = gw_strdup(a, name);
    gw_lexer lexer = gw_lex(sql, dialect);
    for (gw_token t = gw_lex_solid(&lexer); t.kind != GW_TOKEN_END; t = gw_lex_solid(&lexer)) {
        gw_str parts[3] = {{0}};
        if ((t.kind != GW_TOKEN_WORD && t.kind != GW_TOKEN_QUOTED) || (found != 0 && !last))
            continue;
        if (gw_name_parts(a, t.text, dialect, parts) == 1 && gw_str_is_nocase(parts[0], wanted))
            found = lexer.at - t.text.len + 1;
    }
    return found;
}

size_t
gw_sqlite_place(gw_str sql, const char *message)
{
    gw_str name = {0};
    const sentence *const s = read_message(message, &name);
    if (s == NULL || name.len == 0)
        return 0;
    const size_t whole = find_name(sql, name, s->last);
    return whole != 0 ? whole : find_name(sql, last_part(name), s->last);
}
