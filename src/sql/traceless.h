/*
 * sql/traceless - is it sure, by its text alone, that a statement leaves nothing in its session and asks nothing that others left there?
 *
 * A list of what is known (sql/memory is one of what may happen): statements on definitions that carry out nobody's code. In them no
 * function is called, no expression computed but a constant of a type of the server's own, no row read or written. Whatever is not on
 * the list, or not written as it stands there, is not sure. Built on what PostgreSQL does: a default is not computed when a table is
 * made, and an index is built in a sandbox that takes back every setting. What only the server knows is its business: triggers on
 * DDL, and names of its own types that lead elsewhere. Never fails.
 */
#ifndef GW_SQL_TRACELESS_H
#define GW_SQL_TRACELESS_H

#include "base/str.h"
#include "sql/dialect.h"

bool gw_traceless_is_sure(gw_str statement, gw_dialect dialect);

#endif
