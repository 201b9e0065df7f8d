/*
 * engine/mysql/patience - godwit's own statements take their time, whatever a file allows those of its session.
 */
#ifndef GW_ENGINE_MYSQL_PATIENCE_H
#define GW_ENGINE_MYSQL_PATIENCE_H

#include "base/str.h"
#include "engine/mysql/variable.h"

/* What goes ahead of one of them. *text becomes what has to follow. */
void gw_mysql_patience(const gw_mysql_flavour *f, gw_str *text, gw_buf *out);

#endif
