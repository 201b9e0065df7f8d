/*
 * migration/tree - a folder as layouts look at it: the names in it, and texts where names are not enough.
 *
 * gw_tree_open() is one of the file system; who tests a layout makes his own.
 */
#ifndef GW_MIGRATION_TREE_H
#define GW_MIGRATION_TREE_H

#include "base/file.h"

/* A file right in the folder, and its text. */
typedef struct gw_tree_head {
    const char *name;
    gw_str text;
} gw_tree_head;

typedef struct gw_tree gw_tree;
struct gw_tree {
    const char *path;       /* as the user would write it; what is below is named from there on, "meta/_journal.json" */
    gw_dir_entries entries; /* right in it, by the bytes of their names */
    /* GODWIT_IO: there is no such folder or file, or it cannot be read. */
    gw_rc (*list)(const gw_tree *t, gw_arena *a, const char *below, gw_dir_entries *out, gw_err *e);
    gw_rc (*read)(const gw_tree *t, gw_arena *a, const char *below, gw_str *out, gw_err *e);
    const void *ctx;
    gw_vec(gw_tree_head) heads; /* from gw_tree_look() on: the first .sql files; layouts are known by what is in them */
};

/* GODWIT_IO: it cannot be listed. path must live as long as the tree. */
GW_CHECKED gw_rc gw_tree_open(gw_arena *a, const char *path, gw_tree *out, gw_err *e);
typedef gw_vec(const char *) gw_tree_files;
/* Every file in the folder `below` ("": all) and in those within it, but for hidden ones; by the bytes of their names, folder by folder.
 * GODWIT_IO. GODWIT_FOLDER: nested deeper than 32. */
GW_CHECKED gw_rc gw_tree_walk(gw_arena *a, const gw_tree *t, const char *below, gw_tree_files *out, gw_err *e);
bool gw_tree_has_file(const gw_tree *t, const char *name);   /* right in it */
bool gw_tree_has_folder(const gw_tree *t, const char *name); /* right in it */
void gw_tree_look(gw_arena *a,
                  gw_tree *t); /* fills its heads; what cannot be read is left out: it fails when it is its turn */

#endif
