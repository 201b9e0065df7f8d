/*
 * engine/mysql/literal - values written into a statement so that the server reads them back unchanged, whatever the
 * session is set to.
 *
 * A migration may have changed sql_mode and character sets. Plain ASCII goes as a quoted string in the session's own
 * manner of escaping; anything else as _utf8mb4 X'…', which no setting changes.
 */
#ifndef GW_ENGINE_MYSQL_LITERAL_H
#define GW_ENGINE_MYSQL_LITERAL_H

#include "engine/mysql/library.h"

#include "db/engine.h"

void gw_mysql_literal_add(gw_buf *out, MYSQL *my, const char *text); /* NULL: NULL */
void gw_mysql_literal_name(gw_buf *out, const char *name);           /* in backticks */

/* `sql` with $1 … replaced by the parameters, but not within quotes and comments. */
void gw_mysql_literal_fill(gw_buf *out, MYSQL *my, gw_str sql, const gw_param *params, size_t count);

#endif
