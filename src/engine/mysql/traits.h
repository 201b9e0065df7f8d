/*
 * engine/mysql/traits - what the words of a user's statement promise about sending it, and others with it.
 *
 * With several statements in a packet it is the server that finds where one ends. So a statement is sent with others only when every
 * way of reading its bytes gives the same end; whatever is in doubt is sent alone, and the server refuses a second one
 * there. Pure. A trait that is missing costs a round trip, never more.
 */
#ifndef GW_ENGINE_MYSQL_TRAITS_H
#define GW_ENGINE_MYSQL_TRAITS_H

#include "base/str.h"

typedef enum gw_mysql_trait {
    GW_MYSQL_ONE = 1 << 0,     /* one statement that ends where the text ends, whoever reads it */
    GW_MYSQL_JOINS = 1 << 1,   /* one, with one result, and nothing of it is harmed by statements of ours behind it */
    GW_MYSQL_TAME = 1 << 2,    /* joins, and the session is the same after it */
    GW_MYSQL_TRACKED = 1 << 3, /* what it changes in the session the server tells by itself, where it tells that */
    GW_MYSQL_REREADS = 1 << 4, /* texts behind it may be read, or committed, in another way */
    GW_MYSQL_LOCKS = 1 << 5,   /* may have locked tables */
    GW_MYSQL_LOOKS_BACK = 1 << 6, /* asks what the statement ahead of it left: ROW_COUNT(), SHOW WARNINGS … */
    GW_MYSQL_BEGINS = 1 << 7,     /* a transaction of the user's own */
    GW_MYSQL_COMMITS = 1 << 8     /* or rolls back: none is open behind it */
} gw_mysql_trait;

/* How the session reads at that moment. */
typedef struct gw_mysql_reading {
    bool mariadb;
    bool no_backslash; /* sql_mode has NO_BACKSLASH_ESCAPES */
    bool unsure;       /* the character set may be any */
} gw_mysql_reading;

unsigned gw_mysql_traits(gw_str sql, const gw_mysql_reading *reading);

#endif
