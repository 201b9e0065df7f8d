#include "engine/postgres/resolve.h"

#include "engine/postgres/send.h"
#include "postgres_sql.h"
#include "sql/lex.h"
#include "sql/quote.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

char *
gw_pg_fill(gw_arena *a, const char *text, const gw_pg_mark *marks, size_t count)
{
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = gw_str_of(text); rest.len > 0;) {
        size_t i = 0;
        while (i < count && !gw_str_starts(rest, marks[i].mark))
            i++;
        const size_t len = i < count ? gw_str_of(marks[i].mark).len : 1;
        gw_buf_add(&out, i < count ? gw_str_of(marks[i].text) : gw_str_slice(rest, 0, 1));
        rest = gw_str_slice(rest, len, rest.len);
    }
    return gw_strdup(a, gw_buf_str(&out));
}

/* A constant of type name, as which the server cuts it where it cuts identifiers. */
static const char *
name_constant(gw_arena *a, gw_str name, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    gw_quote_string(&out, name, dialect);
    gw_buf_puts(&out, "::pg_catalog.name");
    return gw_buf_text(&out);
}

static bool
take_path(void *ctx, size_t columns, const char *const *values)
{
    gw_buf *const out = ctx;
    if (columns == 1 && values[0] != NULL)
        gw_buf_puts(out, values[0]);
    return false;
}

/* Where bare names lead. Statements of our own run as the role that the session began with; when the user's statements may have set
 * another one, for which other schemas count, the path is asked for now and written down. */
static const char *
search_path(gw_arena *a, gw_pg *c)
{
    static const char here[] = "pg_catalog.current_schemas(true)";
    if (!c->may_be_other_role)
        return here;
    gw_err failure = {0}; /* then it is the path of our role, as good as can be */
    gw_buf path = gw_buf_new(a), out = gw_buf_new(a);
    if (gw_pg_ask(c, "SELECT pg_catalog.current_schemas(true)", take_path, &path, &failure) != GODWIT_OK)
        return here;
    gw_quote_string(&out, gw_buf_str(&path), c->head.facts.dialect);
    gw_buf_puts(&out, "::pg_catalog.name[]");
    return gw_buf_text(&out);
}

static bool
has_escapes(gw_str written, gw_dialect dialect)
{
    gw_lexer l = gw_lex(written, dialect);
    for (gw_token t = gw_lex_solid(&l); t.kind != GW_TOKEN_END; t = gw_lex_solid(&l))
        if (t.kind == GW_TOKEN_QUOTED && t.text.ptr[0] != '"')
            return true;
    return false;
}

bool
gw_pg_name_read(gw_arena *a, gw_pg *c, gw_str written, gw_pg_name *out)
{
    const gw_dialect dialect = c->head.facts.dialect;
    gw_str parts[3];
    const size_t count = gw_name_parts(a, written, dialect, parts);
    if (count == 0 || has_escapes(written, dialect))
        return false;
    out->name = name_constant(a, parts[count - 1], dialect);
    out->path = count == 1 ? search_path(a, c) : gw_printf(a, "ARRAY[%s]", name_constant(a, parts[count - 2], dialect));
    return true;
}

char *
gw_pg_find(gw_arena *a, const char *find, const gw_pg_name *name, const char *on)
{
    const gw_pg_mark own[] = {{"{name}", name->name}, {"{path}", name->path}};
    const gw_pg_mark marks[] = {{"{relation}", gw_pg_fill(a, gw_sql_find_relation, own, COUNT(own))},
                                {"{name}", name->name},
                                {"{path}", name->path},
                                {"{on}", on}};
    return gw_pg_fill(a, find, marks, COUNT(marks));
}

char *
gw_pg_relation(gw_arena *a, const gw_pg_name *name)
{
    return gw_printf(a, "(%s)", gw_pg_find(a, gw_sql_find_relation, name, NULL));
}
