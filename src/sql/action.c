#include "sql/action.h"

static bool
at_partitioning(const gw_cursor *c)
{
    gw_cursor ahead = *c;
    return gw_cursor_accept(&ahead, "PARTITION BY") || gw_cursor_accept(&ahead, "REMOVE PARTITIONING");
}

bool
gw_action_is_over(const gw_cursor *c)
{
    return c->t.kind == GW_TOKEN_END || c->t.kind == GW_TOKEN_CLOSE || gw_cursor_sign(c, ',') || at_partitioning(c);
}

static void
skip_one(gw_cursor *c)
{
    if (c->t.kind == GW_TOKEN_OPEN)
        gw_cursor_skip_group(c);
    else
        gw_cursor_next(c);
}

void
gw_action_skip(gw_cursor *c)
{
    while (!gw_action_is_over(c))
        skip_one(c);
}

gw_str
gw_action_definition(gw_cursor c)
{
    const char *const begin = c.t.text.ptr;
    gw_action_skip(&c);
    return gw_str_trim((gw_str){begin, (size_t)(c.t.text.ptr - begin)});
}

bool
gw_action_makes_more(gw_cursor c)
{
    static const char *const words[] = {"UNIQUE", "PRIMARY", "KEY", "CHECK", "REFERENCES"};
    for (; !gw_action_is_over(&c); skip_one(&c))
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (gw_cursor_is(&c, words[i]))
                return true;
    return false;
}

bool
gw_action_makes_primary_key(gw_cursor c)
{
    while (!gw_action_is_over(&c)) {
        if (gw_cursor_accept(&c, "UNIQUE KEY"))
            continue;
        if (gw_cursor_is(&c, "PRIMARY") || gw_cursor_is(&c, "KEY"))
            return true;
        skip_one(&c);
    }
    return false;
}
