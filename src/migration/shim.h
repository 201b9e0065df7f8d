/*
 * migration/shim - what the directives of the two phases of a deploy say.
 *
 *     -- godwit:n-1-shim: OLD drop-with #123      the file keeps OLD usable for the code that is running
 *     -- godwit:n-1-shim-drop: OLD                the file takes that away
 *
 * Pure. OLD is a name, qualified or not, each part bare or quoted as any of the dialects quotes names: what a directive means must not
 * depend on which of them the file is in, since a folder is also checked without a database. A full stop at the end is no part of either.
 * Which file belongs to which: migration/phase.
 */
#ifndef GW_MIGRATION_SHIM_H
#define GW_MIGRATION_SHIM_H

#include "base/arena.h"
#include "base/vec.h"

/* Texts are views into the file, for their positions, but for the parts. */
typedef struct gw_shim {
    gw_str name;         /* of the directive */
    gw_str old;          /* as written */
    gw_str schema, last; /* its last two parts, unquoted; schema may be empty */
    gw_str issue;        /* as written: "#123", "ABC-12"; empty where it is a drop */
} gw_shim;
typedef gw_vec(gw_shim) gw_shims;

/* The value of a directive; *out keeps its `name`. What is wrong with it is the answer, *at where; NULL: nothing. The issue goes into a command:
 * letters, digits and a few signs that mean nothing to a shell are allowed. */
const char *gw_shim_read(gw_arena *a, gw_str value, bool is_drop, gw_shim *out, gw_str *at);
/* The same object, as far as their names tell: in any case, and where one says no schema, in any schema. */
bool gw_shim_names(const gw_shim *shim, gw_str schema, gw_str last);
/* "123" of "#123": how a tracker calls the issue. */
gw_str gw_shim_issue(const gw_shim *shim);

#endif
