/*
 * sql/object - which object a CREATE, ALTER, DROP … is about, and its name as written.
 */
#ifndef GW_SQL_OBJECT_H
#define GW_SQL_OBJECT_H

#include "sql/cursor.h"

typedef enum gw_object_kind {
    GW_OBJECT_NONE,
    GW_OBJECT_TABLE,
    GW_OBJECT_INDEX,
    GW_OBJECT_VIEW,
    GW_OBJECT_MATVIEW,
    GW_OBJECT_SEQUENCE,
    GW_OBJECT_TYPE,
    GW_OBJECT_DOMAIN,
    GW_OBJECT_FUNCTION,
    GW_OBJECT_PROCEDURE,
    GW_OBJECT_AGGREGATE,
    GW_OBJECT_TRIGGER,
    GW_OBJECT_EVENT,
    GW_OBJECT_RULE,
    GW_OBJECT_POLICY,
    GW_OBJECT_SCHEMA,
    GW_OBJECT_DATABASE,
    GW_OBJECT_EXTENSION,
    GW_OBJECT_ROLE, /* users too */
    GW_OBJECT_TABLESPACE,
    GW_OBJECT_SUBSCRIPTION,
    GW_OBJECT_SERVER,
    GW_OBJECT_COLUMN, /* parts of a table, of which sql/effect alone tells */
    GW_OBJECT_FOREIGN_KEY,
    GW_OBJECT_CHECK,
    GW_OBJECT_CONSTRAINT, /* of any sort */
    GW_OBJECT_PARTITION,
    GW_OBJECT_OPTION, /* ENGINE, COMMENT … */
    GW_OBJECT_LABEL,  /* a value of an enum type */
    GW_OBJECT_OTHER
} gw_object_kind;

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

const char *gw_object_kind_name(gw_object_kind kind); /* "table", "materialized view" */

#endif
