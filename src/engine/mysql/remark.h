/*
 * engine/mysql/remark - what the server has to remark on a statement: warnings and notes, told to the listener of the connection.
 */
#ifndef GW_ENGINE_MYSQL_REMARK_H
#define GW_ENGINE_MYSQL_REMARK_H

#include "engine/mysql/connection.h"

/* Where the rows of SHOW WARNINGS go. */
typedef struct gw_mysql_remarks {
    const gw_mysql_conn *c;
    gw_err *e; /* they become notes of this error, which is among them itself; NULL: they go to the listener */
    size_t count;
} gw_mysql_remarks;

extern const char gw_mysql_remarks_query[];
bool gw_mysql_remarks_take(void *remarks, size_t columns, const char *const *values);
/* After the last row: how many more there were than anybody wants to read. */
void gw_mysql_remarks_end(const gw_mysql_remarks *r);

/* Ask for those on the newest statement. The listener, or e when it is not NULL. */
void gw_mysql_remarks_tell(gw_mysql_conn *c, gw_err *e);

#endif
