/*
 * engine/mysql/place - where in a statement an error message means. Pure.
 *
 * The server gives no offset. A syntax error quotes the text at which reading stopped, cut at 80 bytes, and the line
 * that was reached; other errors quote a name, which tells the place when it stands only once in the statement.
 */
#ifndef GW_ENGINE_MYSQL_PLACE_H
#define GW_ENGINE_MYSQL_PLACE_H

#include "base/str.h"

/* 1-based byte; 0: not known. `message` is the server's, in English. */
size_t gw_mysql_place_find(gw_str sql, unsigned number, const char *message);

/* The message without the manual's advertisement and without a line number that is not one of the user's file. */
void gw_mysql_place_text(const char *message, char *out, size_t size);

#endif
