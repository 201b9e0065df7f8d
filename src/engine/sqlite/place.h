/*
 * sqlite/place - where in a statement a failure is, when SQLite names the culprit without saying where it stands.
 */
#ifndef GW_SQLITE_PLACE_H
#define GW_SQLITE_PLACE_H

#include "base/str.h"

/* 1-based byte of the name that SQLite's message is about; 0: the message names nothing, or the statement does not hold it. */
size_t gw_sqlite_place(gw_str sql, const char *message);

#endif
