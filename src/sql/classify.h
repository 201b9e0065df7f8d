/*
 * sql/classify - what a statement does, as far as its first words tell.
 *
 * By a table of openings for each dialect. What the table does not know is GW_CLASS_OTHER, which may run in a
 * transaction: the server has the last word. Never fails.
 */
#ifndef GW_SQL_CLASSIFY_H
#define GW_SQL_CLASSIFY_H

#include "sql/object.h"
#include "sql/opening.h"

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

#endif
