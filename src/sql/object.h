/*
 * sql/object - which object a CREATE, ALTER, DROP … is about, and its name as written.
 */
#ifndef GW_SQL_OBJECT_H
#define GW_SQL_OBJECT_H

#include "sql/classify.h"
#include "sql/cursor.h"

typedef struct gw_object {
    gw_object_kind kind;
    gw_str name;
    bool temporary;    /* TEMP, TEMPORARY */
    bool concurrently; /* PostgreSQL, before the name */
    bool lenient;      /* IF EXISTS, IF NOT EXISTS, OR REPLACE */
} gw_object;

/* The cursor stands behind the verb: [OR REPLACE] [TEMP] … noun [IF NOT EXISTS] name. It is left behind what was understood. */
gw_object gw_object_read(gw_cursor *c);

/* [[schema.]name.]name; empty when no name stands here. */
gw_str gw_object_read_name(gw_cursor *c, bool user);

#endif
