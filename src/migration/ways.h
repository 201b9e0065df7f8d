/*
 * migration/ways - a migration of a folder with all its ways read, as they would be run.
 *
 * The folder is seen through a tree. Variables are not asked for: each is its own name, so that two folders can be compared.
 */
#ifndef GW_MIGRATION_WAYS_H
#define GW_MIGRATION_WAYS_H

#include "migration/folder.h"
#include "migration/script.h"

/* A folder, and how its texts are read. */
typedef struct gw_side {
    const gw_tree *tree;
    const gw_folder *folder;
    gw_dialect dialect;
    const char *const *prefixes; /* of directives */
    bool any_bytes;
} gw_side;

typedef struct gw_ways {
    const gw_file *file;
    gw_file_kind kind;               /* also where a directive says it */
    gw_script scripts[GW_WAY_COUNT]; /* zeroed where there is none */
    bool is_there[GW_WAY_COUNT];     /* not, where a layout demands the mark of a way down and nothing is below it */
} gw_ways;

/* GODWIT_FOLDER with position, GODWIT_IO. */
GW_CHECKED gw_rc gw_ways_read(gw_arena *a, const gw_side *s, const gw_file *file, gw_ways *out, gw_err *e);
/* Without the parts of gw_layout_part that are ways. */
void gw_ways_drop(gw_ways *w, unsigned parts);
unsigned gw_ways_parts(const gw_ways *w);                  /* gw_layout_part: what it has, and is */
const char *gw_ways_path(const gw_file *file, gw_way way); /* NULL: there is none */
GW_CHECKED gw_rc gw_ways_text(gw_arena *a, const gw_side *s, const char *path, gw_str *out, gw_err *e);
/* A text of its own, without a layout, in the SQL of the side. */
GW_CHECKED gw_rc gw_ways_alone(gw_arena *a, const gw_side *s, gw_str text, bool is_check, gw_script *out, gw_err *e);

#endif
