/*
 * db/predecessor_text - the questions about other tools' tables in the tongue of an engine.
 *
 * {table} and {lock} are the quoted tables, [x] is the quoted name x, {hex x} the bytes of x in hex, {join x y} x and y with a colon between them,
 * {pair x y} with two. Pure.
 */
#ifndef GW_DB_PREDECESSOR_TEXT_H
#define GW_DB_PREDECESSOR_TEXT_H

#include "db/predecessor.h"

/* `text` with `value` wherever `name` stands. */
char *gw_put_in(gw_arena *a, const char *text, const char *name, const char *value);
char *gw_string_text(gw_arena *a, const char *text, gw_dialect dialect);                     /* as a string constant */
char *gw_table_text(gw_arena *a, const char *schema, const char *table, gw_dialect dialect); /* quoted */
char *gw_predecessor_text(gw_arena *a, const gw_conn *c, const char *text, const gw_legacy_table *from);

#endif
