/*
 * db/predecessor_key - how other tools call the locks that they have for themselves, where that depends on the database or the table.
 *
 * Numbers where the server's locks are numbers, else names. Several where the tool itself is not of one mind. Pure. Source: each tool's own
 * source, tried against the tools.
 */
#ifndef GW_DB_PREDECESSOR_KEY_H
#define GW_DB_PREDECESSOR_KEY_H

#include "base/arena.h"
#include "base/vec.h"

typedef struct gw_lock_place {
    const char *database, *schema, *table;
    const char *quoted; /* schema and table, as the server quotes them */
    bool is_number;
} gw_lock_place;
typedef gw_vec(const char *) gw_lock_names;
typedef void gw_lock_names_fn(gw_arena *a, const gw_lock_place *p, gw_lock_names *out);

gw_lock_names_fn gw_lock_of_flyway;         /* the table's hash, as Java has it, upon a number of its own */
gw_lock_names_fn gw_lock_of_golang_migrate; /* as a library, and as a program, which takes "/database" for the name */
gw_lock_names_fn gw_lock_of_rails;
gw_lock_names_fn gw_lock_of_sqitch;
gw_lock_names_fn gw_lock_of_sqlx; /* of its library: its program takes none */

#endif
