#include "db/predecessor_text.h"

#include <string.h>

#include "sql/quote.h"

char *
gw_put_in(gw_arena *a, const char *text, const char *name, const char *value)
{
    gw_buf out = gw_buf_new(a);
    const size_t len = strlen(name);
    for (const char *hit; (hit = strstr(text, name)) != NULL; text = hit + len) {
        gw_buf_add(&out, (gw_str){text, (size_t)(hit - text)});
        gw_buf_puts(&out, value);
    }
    gw_buf_puts(&out, text);
    return gw_strdup(a, gw_buf_str(&out));
}

char *
gw_string_text(gw_arena *a, const char *text, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    gw_quote_string(&out, gw_str_of(text), dialect);
    return gw_strdup(a, gw_buf_str(&out));
}

char *
gw_table_text(gw_arena *a, const char *schema, const char *table, gw_dialect dialect)
{
    gw_buf out = gw_buf_new(a);
    gw_quote_name(&out, gw_str_of(schema), dialect);
    gw_buf_putc(&out, '.');
    gw_quote_name(&out, gw_str_of(table), dialect);
    return gw_strdup(a, gw_buf_str(&out));
}

/* "hex x", "join x y", "pair x y" */
static const char *
call_text(gw_arena *a, gw_str call, const gw_adopt_texts *texts)
{
    gw_str rest;
    const gw_str name = gw_str_cut(call, ' ', &rest);
    const char *const x = gw_strdup(a, gw_str_cut(rest, ' ', &rest));
    if (gw_str_is(name, "hex"))
        return gw_put_in(a, texts->hex, "{x}", x);
    const char *const between = gw_str_is(name, "pair") ? "::" : ":";
    const char *const text = gw_put_in(a, gw_put_in(a, texts->join, "{x}", x), "{between}", between);
    return gw_put_in(a, text, "{y}", gw_strdup(a, rest));
}

char *
gw_predecessor_text(gw_arena *a, const gw_conn *c, const char *text, const gw_legacy_table *from)
{
    gw_buf out = gw_buf_new(a);
    const gw_dialect dialect = c->facts.dialect;
    for (const char *at = text; *at != '\0'; at++) {
        const char *const end = *at == '[' ? strchr(at, ']') : *at == '{' ? strchr(at, '}') : NULL;
        if (end == NULL) {
            gw_buf_putc(&out, *at);
            continue;
        }
        const gw_str within = {at + 1, (size_t)(end - at) - 1};
        if (*at == '[')
            gw_quote_name(&out, within, dialect);
        else if (gw_str_is(within, "table"))
            gw_buf_puts(&out, gw_table_text(a, from->schema, from->table, dialect));
        else if (gw_str_is(within, "lock"))
            gw_buf_puts(&out, gw_table_text(a, from->schema, from->lock, dialect));
        else
            gw_buf_puts(&out, call_text(a, within, &c->engine->adopt));
        at = end;
    }
    return gw_strdup(a, gw_buf_str(&out));
}
