/*
 * migration/sequence - did the migrations of a folder only grow, and at their end, since its branch left the base? In any layout.
 *
 * Where an index says the order, or a file holds several migrations, names of files tell nothing (migration/growth): here the ordered
 * migrations themselves are compared, as the layout reads them. What is on the base branch may be applied somewhere: it must stay as it
 * is, and where it is, and what a branch adds must come behind it. Repeatable ones come and go. Line ends do not count, as little as they
 * do to git.
 *
 * Errors have `path` and no line; their message names the files by itself.
 */
#ifndef GW_MIGRATION_SEQUENCE_H
#define GW_MIGRATION_SEQUENCE_H

#include "migration/folder.h"
#include "migration/item.h"

typedef struct gw_sequence_step {
    const char *version, *name;
    const char *file;      /* below the folder */
    const char *down_file; /* likewise; NULL: there is no way down */
    const char *up, *down; /* the same for the same text; down NULL where there is none */
    bool is_checkpoint;    /* its file's name says so: its version is none that others are compared with */
} gw_sequence_step;
typedef gw_vec(gw_sequence_step) gw_sequence;

typedef struct gw_sequence_params {
    const gw_folder *folder;   /* its path and its layout */
    const char *base;          /* "origin/main", for messages */
    const gw_sequence *common; /* where the branch left the base; … */
    const gw_sequence *tip;    /* … the base today; … */
    const gw_sequence *now;    /* … and the folder. In order, each */
} gw_sequence_params;

/* The migrations of a folder, in order; its files are read. GODWIT_IO: one cannot be; GODWIT_FOLDER: the marks of its layout are wrong. */
GW_CHECKED gw_rc gw_sequence_read(gw_arena *a, const gw_folder *folder, gw_sequence *out, gw_err *e);
/* Every migration that went, was edited, stands elsewhere, or was added before what the base has. Pure. */
void gw_sequence_problems(gw_arena *a, const gw_sequence_params *p, gw_problems *out);

#endif
