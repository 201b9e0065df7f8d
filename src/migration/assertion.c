#include "migration/assertion.h"

#include "base/err.h"
#include "sql/classify.h"

/* ---- the query ---- */

static bool
reads(gw_str query, gw_dialect dialect)
{
    static const char *const verbs[] = {"SELECT", "VALUES", "TABLE", "WITH"};
    const gw_class class = gw_classify(query, dialect);
    gw_cursor at = gw_cursor_at(query, dialect);
    size_t i = 0;
    while (i < sizeof(verbs) / sizeof(verbs[0]) && !gw_str_is_nocase(class.verb, verbs[i]))
        i++;
    return class.kind == GW_CLASS_QUERY && i < sizeof(verbs) / sizeof(verbs[0]) && !gw_cursor_find(&at, "INTO");
}

const char *
gw_assertion_read(gw_str value, gw_dialect dialect, gw_str *query, gw_str *at)
{
    gw_lexer l = gw_lex(value, dialect);
    bool is_over = false;
    *query = *at = value;
    for (gw_token t = gw_lex_solid(&l); t.kind != GW_TOKEN_END; t = gw_lex_solid(&l)) {
        *at = t.text;
        if (t.unterminated)
            return "is not closed on its line";
        if (t.kind != GW_TOKEN_SEMICOLON && is_over)
            return "is a second statement: an assertion is one";
        if (t.kind == GW_TOKEN_SEMICOLON && !is_over)
            *query = gw_str_trim(gw_str_slice(value, 0, (size_t)(t.text.ptr - value.ptr)));
        is_over |= t.kind == GW_TOKEN_SEMICOLON;
    }
    *at = value;
    return reads(*query, dialect) ? NULL
                                  : "is no query: an assertion only reads, by SELECT, VALUES, TABLE or WITH … SELECT";
}

/* ---- its rows ---- */

static bool
is_true(const char *value)
{
    static const char *const words[] = {"t", "true", "1"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (gw_str_is_nocase(gw_str_of(value), words[i]))
            return true;
    return false;
}

bool
gw_assertion_take(void *answer, size_t columns, const char *const *values)
{
    GW_SCOPE(scratch);
    gw_assertion_answer *const a = answer;
    if (++a->rows > 1)
        return false;
    gw_buf row = gw_buf_new(scratch);
    for (size_t i = 0; i < columns; i++)
        gw_buf_printf(&row, "%s%s", i == 0 ? "" : " | ", values[i] == NULL ? "NULL" : values[i]);
    gw_err_copy(a->first, sizeof(a->first), gw_buf_str(&row));
    a->is_true = columns == 1 && is_true(values[0]);
    return true;
}

bool
gw_assertion_holds(const gw_assertion_answer *answer)
{
    return answer->rows == 0 || (answer->rows == 1 && answer->is_true);
}
