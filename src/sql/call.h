/*
 * sql/call - what the functions that a statement calls, and the places that it reads from, let one say about its result.
 */
#ifndef GW_SQL_CALL_H
#define GW_SQL_CALL_H

#include "sql/cursor.h"

typedef enum gw_call_class {
    GW_CALL_SAME,   /* from the same operands always the same, and nothing but that */
    GW_CALL_MOMENT, /* it looks: at tables, at the clock, at the session */
    GW_CALL_ACTS    /* not known, or it changes something: nextval(), GET_LOCK(), what users wrote */
} gw_call_class;

/* The least sure of all that stands in the statement. */
gw_call_class gw_call_classify(gw_str statement, gw_dialect dialect);

/* What the newest statements left for functions to ask about. */
typedef enum gw_call_about { GW_CALL_LAST_ID, GW_CALL_ROW_COUNT } gw_call_about;
bool gw_call_asks(gw_str statement, gw_dialect dialect, gw_call_about about);
/* MySQL's LAST_INSERT_ID(value), PostgreSQL's nextval() and setval(): the next question is answered by this. */
bool gw_call_sets_last_id(gw_str statement, gw_dialect dialect);

#endif
