/*
 * sql/classify - what a statement does, as far as its first words tell.
 *
 * By a table of openings for each dialect. What the table does not know is GW_CLASS_OTHER, which may run in a
 * transaction: the server has the last word. Never fails.
 */
#ifndef GW_SQL_CLASSIFY_H
#define GW_SQL_CLASSIFY_H

#include "base/str.h"
#include "sql/dialect.h"

typedef enum gw_class_kind {
    GW_CLASS_OTHER,
    GW_CLASS_DDL,
    GW_CLASS_DML,
    GW_CLASS_QUERY,   /* SELECT, SHOW, VALUES, TABLE, EXPLAIN, WITH … SELECT, MySQL's DO */
    GW_CLASS_SESSION, /* SET, PRAGMA, USE, RESET: changes what later statements mean; repeated when a file is resumed */
    GW_CLASS_BEGIN,   /* transaction control of the file itself */
    GW_CLASS_COMMIT,
    GW_CLASS_ROLLBACK,
    GW_CLASS_SAVEPOINT /* SAVEPOINT, RELEASE, ROLLBACK TO */
} gw_class_kind;

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

typedef struct gw_class {
    gw_class_kind kind;
    gw_str verb; /* first word as written: "CREATE"; empty for an empty text */
    gw_object_kind object;
    gw_str name;           /* of the object as written, qualified and quoted as in the text; empty when it has none */
    bool no_transaction;   /* the server refuses it in a transaction block: CREATE INDEX CONCURRENTLY, VACUUM, … */
    bool commits;          /* commits the open transaction by itself (MySQL DDL, LOCK TABLES, …) */
    bool no_effect_inside; /* silently does nothing in a transaction: SQLite's PRAGMA foreign_keys, journal_mode */
    bool changes_reading;  /* alters how later text is read: SET sql_mode, SET standard_conforming_strings */
} gw_class;

gw_class gw_classify(gw_str statement, gw_dialect dialect);

const char *gw_object_kind_name(gw_object_kind kind); /* "table", "materialized view" */

#endif
