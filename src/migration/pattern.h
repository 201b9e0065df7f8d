/*
 * migration/pattern - the scaffolds of `new`: one row a pattern, with texts for each dialect (migration/template).
 */
#ifndef GW_MIGRATION_PATTERN_H
#define GW_MIGRATION_PATTERN_H

#include "base/err.h"
#include "sql/dialect.h"

extern const godwit_pattern gw_patterns[];
extern const size_t gw_pattern_count;

typedef struct gw_pattern_text {
    const char *up, *down; /* whole file texts; both NULL-free */
} gw_pattern_text;

/* `subject` is the migration's name in words; names of objects are guessed from it and are meant to be edited: "add
 * users" is about a table users, "users email" and "email to users" about its column email. pattern NULL: an empty file
 * with a comment. GODWIT_USAGE: no such pattern (with "did you mean"), or the engine has no such object. */
GW_CHECKED gw_rc gw_pattern_fill(gw_arena *a, const char *pattern, const char *subject, gw_dialect_kind dialect,
                                 gw_pattern_text *out, gw_err *e);

#endif
