/*
 * sql/memory - what a statement leaves in its session beside the database.
 *
 * Variables, temporary tables, prepared statements, settings: a new session has none of them, and most servers' rollback
 * leaves them alone. Token based, never fails. What the text does not show is not seen: variables that a procedure or a
 * trigger sets by itself, an INSERT that gives no new number and leaves LAST_INSERT_ID() as it was.
 */
#ifndef GW_SQL_MEMORY_H
#define GW_SQL_MEMORY_H

#include "base/vec.h"
#include "sql/classify.h"

typedef enum gw_memory_kind {
    GW_MEMORY_VARIABLE,  /* MySQL's @name */
    GW_MEMORY_TEMPORARY, /* table, view, sequence, trigger … */
    GW_MEMORY_PREPARED,
    GW_MEMORY_CURSOR,    /* PostgreSQL's, WITH HOLD */
    GW_MEMORY_SETTING,   /* of the session */
    GW_MEMORY_GLOBAL,    /* a setting of the server, which stays when the session ends */
    GW_MEMORY_LAST_ID,   /* LAST_INSERT_ID(), last_insert_rowid(), lastval(), currval() */
    GW_MEMORY_ROW_COUNT, /* ROW_COUNT(), FOUND_ROWS(), changes(): every statement sets it, none says so */
    GW_MEMORY__COUNT
} gw_memory_kind;

typedef enum gw_memory_act {
    GW_MEMORY_SETS,
    GW_MEMORY_MAY_SET, /* if there is a row, if the parameter is an OUT one */
    GW_MEMORY_ENDS,    /* an empty name: all of the kind */
    GW_MEMORY_TELLS    /* a string holds a statement that would set it, for an EXECUTE later */
} gw_memory_act;

typedef struct gw_memory_item {
    gw_memory_kind kind;
    gw_memory_act act;
    gw_str name;           /* without @, quotes and qualifiers; empty: not known, or the kind has but one */
    gw_object_kind object; /* of TEMPORARY */
    /* SETS: where there is one of the name already it fails, or leaves that alone. ENDS: where there is none it fails,
     * or takes another object of the name. */
    bool refuses;
} gw_memory_item;

/* What a statement that only speaks to its session says when it is said again. */
typedef enum gw_memory_source {
    GW_MEMORY_SAME,   /* the same, in a session that is as it was */
    GW_MEMORY_MOMENT, /* what data, clock or chance give now; it changes nothing but the session */
    GW_MEMORY_ACTS    /* it may change something else too: a function that nobody knows, a statement of another kind */
} gw_memory_source;

typedef struct gw_memory {
    gw_str text;
    gw_dialect dialect;
    gw_class class;
    gw_vec(gw_memory_item) items;
    gw_memory_source source;
    bool is_definition; /* of a routine, trigger or event, whose body runs at another time */
    bool executes;      /* what is not in the text: CALL, EXECUTE, a block outside a routine */
} gw_memory;

/* Points into the statement. */
void gw_memory_read(gw_arena *a, gw_str statement, gw_dialect dialect, gw_memory *out);
bool gw_memory_is_same(const gw_memory_item *a, const gw_memory_item *b); /* kind and name, not the act */
/* Is it there after the transaction in which it was left was rolled back? */
bool gw_memory_survives(gw_memory_kind kind, gw_dialect_kind dialect);
/* "@id", "the temporary table t" */
const char *gw_memory_show(gw_arena *a, const gw_memory_item *item);

#endif
