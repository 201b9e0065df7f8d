/*
 * sql/variable - MySQL's user variables in a statement: which are read and which are set, also by the statements that its
 * strings hold for a PREPARE.
 */
#ifndef GW_SQL_VARIABLE_H
#define GW_SQL_VARIABLE_H

#include "sql/cursor.h"

typedef enum gw_variable_use {
    GW_VARIABLE_READ,
    GW_VARIABLE_SET,    /* SET @a = … */
    GW_VARIABLE_MAY_SET /* @a := …, SELECT … INTO @a, GET DIAGNOSTICS @a = … */
} gw_variable_use;

/* `name` without @ and quotes. is_told: within a string. */
typedef void gw_variable_fn(void *ctx, gw_str name, gw_variable_use use, bool is_told);

/* In the order in which they stand. Other dialects have none. */
void gw_variable_visit(gw_str statement, gw_dialect dialect, gw_variable_fn *fn, void *ctx);
/* The name in @@name, @@scope.name; is_global: of the server, not of the session. */
gw_str gw_variable_system(gw_str text, bool *is_global);

#endif
