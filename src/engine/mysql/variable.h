/*
 * engine/mysql/variable - what of a session is looked at and put back: database, role, clock, and the variables of a table, as far as
 * a server has them. In the order of columns.
 */
#ifndef GW_ENGINE_MYSQL_VARIABLE_H
#define GW_ENGINE_MYSQL_VARIABLE_H

#include "base/map.h"

typedef struct gw_mysql_flavour {
    bool mariadb;
    unsigned long version; /* 101100, 90700; mysql_get_server_version() */
    gw_map *known;         /* lower-case names of the variables that there are; NULL: as the table says */
} gw_mysql_flavour;

/* The columns ahead of the variables. */
enum { GW_MYSQL_DATABASE, GW_MYSQL_ROLE, GW_MYSQL_CLOCK, GW_MYSQL_AHEAD };

/* ", column …" */
void gw_mysql_variable_columns(const gw_mysql_flavour *f, gw_buf *out);
/* The variables in the order of their columns, *at being 0 at first; NULL: there are no more. */
const char *gw_mysql_variable_next(const gw_mysql_flavour *f, size_t *at);
/* SIZE_MAX: there is no such variable. */
size_t gw_mysql_variable_column(const gw_mysql_flavour *f, const char *name);

#endif
