#include "sql/option.h"

/* What shows it, as the engine knows it; "": nothing does, or should. */
static const struct {
    const char *words, *option;
} options[] = {
    {"ENGINE", "engine"},
    {"COMMENT", "comment"},
    {"DEFAULT CHARACTER SET", "collation"},
    {"DEFAULT CHARSET", "collation"},
    {"DEFAULT COLLATE", "collation"},
    {"CHARACTER SET", "collation"},
    {"CHARSET", "collation"},
    {"COLLATE", "collation"},
    {"CONVERT TO CHARACTER SET", "character set"},
    {"CONVERT TO CHARSET", "character set"},
    {"DATA DIRECTORY", "options"},
    {"INDEX DIRECTORY", "options"},
    {"ROW_FORMAT", "options"},
    {"KEY_BLOCK_SIZE", "options"},
    {"STATS_PERSISTENT", "options"},
    {"STATS_AUTO_RECALC", "options"},
    {"STATS_SAMPLE_PAGES", "options"},
    {"MAX_ROWS", "options"},
    {"MIN_ROWS", "options"},
    {"AUTO_INCREMENT", ""},
    {"ALGORITHM", ""},
    {"LOCK", ""},
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static bool
accept_sign(gw_cursor *c)
{
    const bool is_sign = gw_cursor_sign(c, '=');
    if (is_sign)
        gw_cursor_next(c);
    return is_sign;
}

bool
gw_option_read(gw_cursor *c, gw_str *name)
{
    gw_cursor ahead = *c;
    size_t i = 0;
    while (i < OPTIONS && !gw_cursor_accept(&ahead, options[i].words))
        i++;
    if (i == OPTIONS)
        gw_cursor_next(&ahead);
    if ((!accept_sign(&ahead) && i == OPTIONS) || gw_cursor_is(c, "RENAME"))
        return false;
    *name = gw_str_of(i < OPTIONS ? options[i].option : "options");
    if (ahead.t.kind == GW_TOKEN_OPEN)
        gw_cursor_skip_group(&ahead);
    else
        gw_cursor_next(&ahead);
    *c = ahead;
    return true;
}
