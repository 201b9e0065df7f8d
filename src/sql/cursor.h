/*
 * sql/cursor - a statement read word by word, as its server sees it: without white space and comments, with what executable
 * comments hold.
 */
#ifndef GW_SQL_CURSOR_H
#define GW_SQL_CURSOR_H

#include "sql/lex.h"

typedef struct gw_cursor {
    gw_lexer lex;
    gw_token t; /* the token at hand; END at the end and ever after */
} gw_cursor;

gw_cursor gw_cursor_at(gw_str statement, gw_dialect dialect); /* at its first token */
void gw_cursor_next(gw_cursor *c);
bool gw_cursor_is(const gw_cursor *c, const char *word); /* the bare word, in any case */
bool gw_cursor_sign(const gw_cursor *c, char sign);      /* an operator's character */
/* Pass over these words, separated by one blank each, if they all stand here. */
bool gw_cursor_accept(gw_cursor *c, const char *words);
/* The first of these that is there. */
bool gw_cursor_accept_any(gw_cursor *c, const char *const *words, size_t count);
void gw_cursor_skip_group(gw_cursor *c); /* ( … ), when one begins here */
/* Up to these words, outside parentheses, and behind them; false: they do not come, and the cursor is at the end. */
bool gw_cursor_find(gw_cursor *c, const char *words);
/* The token without plain quotes. What a prefix or an escape would make of it is not told. */
gw_str gw_cursor_value(const gw_cursor *c);

#endif
