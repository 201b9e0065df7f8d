/*
 * migration/item - a migration as its file and its history see it together, and what is wrong between the two.
 *
 * Pure; migration/items makes them.
 *
 * Errors have `path` when a file is concerned, and no line; their message names the file by itself.
 */
#ifndef GW_MIGRATION_ITEM_H
#define GW_MIGRATION_ITEM_H

#include "migration/folder.h"
#include "migration/record.h"

/* Points into the folder and the records. */
typedef struct gw_item {
    const char *version, *name; /* of the file; of the record when there is no file */
    gw_file_kind kind;          /* of the file; of the record when there is no file */
    const gw_file *file;        /* NULL: in the history only */
    const gw_record *record;    /* the newest; NULL: never tried */
    const gw_record *applied;   /* the newest "up" that was applied, for its down text; NULL none */
    godwit_state state;         /* see above; PENDING for never tried */
    bool out_of_order;          /* pending, and older than the newest of which something is in the database */
    const gw_record *newer;     /* that one, when out_of_order */
    bool
        missing; /* applied by godwit, its file is gone, and it is no baseline; never when the folder itself is missing */
    bool edited;    /* applied, and its file has another checksum */
    bool is_passed; /* a checkpoint of a database that has a history: it is never run there */
} gw_item;
typedef gw_vec(gw_item) gw_items;

/* Begun and not ended, up or down: running or FAILED_STATE. */
bool gw_item_is_half(const gw_item *item, bool down);
bool gw_item_is_baseline(const gw_item *item); /* recorded and never run: by `baseline`, or covered by a checkpoint */
bool gw_item_is_there(const gw_item *item);    /* something of it is in the database, or may be */
const char *gw_item_kind(const gw_item *item); /* as the history calls it when it runs */

typedef enum gw_problem {
    GW_PROBLEM_NONE,
    GW_PROBLEM_EDITED,       /* GODWIT_FOLDER */
    GW_PROBLEM_GONE,         /* GODWIT_FOLDER: applied, half done or running, and there is no file */
    GW_PROBLEM_OUT_OF_ORDER, /* GODWIT_FOLDER */
    GW_PROBLEM_RUNNING,      /* GODWIT_FAILED: its end is not recorded; whoever holds the lock goes on with it */
    GW_PROBLEM_HALF_DONE,    /* GODWIT_FAILED: `up` goes on with it */
    GW_PROBLEM_HALF_UNDONE   /* GODWIT_FAILED: `down` goes on with it */
} gw_problem;
gw_problem gw_item_problem(const gw_item *item);
/* Say it: message, notes, hint, path. */
gw_rc gw_item_fail(const gw_item *item, gw_problem problem, gw_err *e);

/* Every disagreement of files and history, each as an error, for `verify`. */
typedef gw_vec(gw_err) gw_problems;
void gw_items_problems(gw_arena *a, const gw_items *items, gw_problems *out);

#endif
