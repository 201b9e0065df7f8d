/*
 * sql/delimiter - where a text ends a statement by another mark than the semicolon: //, $$, END, "\n\n", "\nGO".
 *
 * As the mysql client, it cuts a word in two (`name$$`); unlike it, a mark of letters has to stand alone (`GO` is not found in
 * CATEGORY). A line break in the mark matches CR LF too.
 */
#ifndef GW_SQL_DELIMITER_H
#define GW_SQL_DELIMITER_H

#include "sql/lex.h"

/* Length of the mark at text[at]; 0: it is not there. */
size_t gw_delimiter_at(gw_str text, size_t at, gw_str mark);
/* Offset within the token, of the text, at which the mark begins behind the token's first byte; 0: nowhere. */
size_t gw_delimiter_within(gw_str text, gw_token t, gw_str mark);

#endif
