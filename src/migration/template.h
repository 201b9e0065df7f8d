/*
 * migration/template - the texts of the patterns, one row a pattern, one column a dialect.
 *
 * In them {table}, {column}, {function}, {index}, {check}, {before}, {step} stand for names that can be used as they
 * are in SQL, and {=table} … for the bare name, to be used within a string constant. They run as they are on an engine
 * that has what they build on.
 */
#ifndef GW_MIGRATION_TEMPLATE_H
#define GW_MIGRATION_TEMPLATE_H

#include "sql/dialect.h"

typedef struct gw_template {
    const char *up, *down; /* NULL: the engine has no such object */
} gw_template;

/* NULL: no such pattern. */
const gw_template *gw_template_find(const char *pattern, gw_dialect_kind dialect);

#endif
