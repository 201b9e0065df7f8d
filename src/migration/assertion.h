/*
 * migration/assertion - `-- godwit:assert QUERY`: a query that must hold before the migration begins.
 *
 * It holds when it returns no row, or one row of one column that is true: t, true or 1, as the engines print it. Pure: what a query must
 * look like, and what its rows mean; workflow/precondition asks.
 */
#ifndef GW_MIGRATION_ASSERTION_H
#define GW_MIGRATION_ASSERTION_H

#include "base/arena.h"
#include "base/vec.h"
#include "sql/dialect.h"

/* Views into the text of the file, for their positions. */
typedef struct gw_assertion {
    gw_str name; /* of the directive: "assert" */
    gw_str query;
} gw_assertion;
typedef gw_vec(gw_assertion) gw_assertions;

/* The query of a directive's value: without the semicolon at its end. What is wrong with it is the answer, *at where; NULL: nothing. It must be one
 * statement that reads, as far as its words tell: SELECT, VALUES, TABLE, WITH … SELECT. */
const char *gw_assertion_read(gw_str value, gw_dialect dialect, gw_str *query, gw_str *at);

typedef struct gw_assertion_answer {
    size_t rows; /* 2: two or more */
    bool is_true;
    char first[256]; /* the first row, as people read it */
} gw_assertion_answer;

/* A gw_row_fn: takes a row into the answer; false: that is enough. */
bool gw_assertion_take(void *answer, size_t columns, const char *const *values);
bool gw_assertion_holds(const gw_assertion_answer *answer);

#endif
