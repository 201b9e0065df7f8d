/*
 * engine/mysql/error - what the server or the library says, as the contract's classes, with code, hint and
 * transience.
 *
 * One table of numbers decides. The password is in none of the texts: libmariadb never quotes it, and the URL is
 * shown without it.
 */
#ifndef GW_ENGINE_MYSQL_ERROR_H
#define GW_ENGINE_MYSQL_ERROR_H

#include "engine/mysql/library.h"

#include "base/err.h"

/* Why mysql_real_connect() failed. `rule`: TLS was demanded by the rule for remote hosts, not by the URL. */
GW_CHECKED gw_rc gw_mysql_error_connect(MYSQL *my, const char *shown, bool rule, gw_err *e);

typedef struct gw_mysql_failure {
    gw_str sql;     /* the statement as it was sent */
    bool cancelled; /* cancel() was called while it ran … */
    bool heard;     /* … and the server was told */
} gw_mysql_failure;

/* Why a statement failed; for a syntax error with e->offset. */
GW_CHECKED gw_rc gw_mysql_error_statement(MYSQL *my, const gw_mysql_failure *f, gw_err *e);

/* The number means that the session is gone. */
bool gw_mysql_error_is_loss(unsigned number);

#endif
