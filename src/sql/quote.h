/*
 * sql/quote - names and strings written so that the server reads them back unchanged.
 */
#ifndef GW_SQL_QUOTE_H
#define GW_SQL_QUOTE_H

#include "base/arena.h"
#include "sql/dialect.h"

void gw_quote_name(gw_buf *out, gw_str name, gw_dialect dialect);   /* always quoted */
void gw_quote_string(gw_buf *out, gw_str text, gw_dialect dialect); /* PostgreSQL: E'' when it holds a backslash */
/* "schema.table" or "table", each part bare or quoted, into quoted parts joined by '.'. Empty text gives nothing. */
void gw_quote_qualified(gw_buf *out, gw_str name, gw_dialect dialect);
/* The parts of a qualified name, unquoted: at most three; returns how many. Unquoted PostgreSQL names are folded to lower case. */
size_t gw_name_parts(gw_arena *a, gw_str name, gw_dialect dialect, gw_str parts[3]);
gw_str gw_name_last(gw_arena *a, gw_str name, gw_dialect dialect); /* of these parts; empty: there is none */

/* What stands between dollar quotes, $tag$ … $tag$; the text itself where there are none. */
gw_str gw_quote_body(gw_str text);

#endif
