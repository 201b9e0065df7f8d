/*
 * migration/layout - how a folder names its files: one row a layout, with reader and namer.
 *
 *     native    0001_create_users.sql            with 0001_create_users_down.sql or 0001_create_users.down.sql
 *     up-down   000001_create_users.up.sql       with 000001_create_users.down.sql
 *
 * Pure: names in, names out. The reader is told one file name and says what it means, or why it means nothing.
 */
#ifndef GW_MIGRATION_LAYOUT_H
#define GW_MIGRATION_LAYOUT_H

#include "base/err.h"
#include "base/file.h"

typedef enum gw_name_kind {
    GW_NAME_FOREIGN, /* not for this layout, and harmless: README.md, a sum file, a hidden file, a folder */
    GW_NAME_UP,
    GW_NAME_DOWN,
    GW_NAME_WRONG /* looks like a migration and is none: `reason` says why */
} gw_name_kind;

typedef struct gw_name {
    gw_name_kind kind;
    gw_str version, name; /* views into the file name */
    const char *reason;   /* what was expected */
} gw_name;

typedef struct gw_layout {
    const char *name;    /* what `layout:` says */
    const char *example; /* "0001_create_users.sql" */
    bool padded;         /* file-name order must be version order */
    gw_name (*read)(gw_str file_name);
    /* The file's name; for `down` NULL when the layout has none. */
    char *(*make)(gw_arena *a, const char *version, const char *name, bool down);
} gw_layout;

extern const gw_layout gw_layouts[];
extern const size_t gw_layout_count;

const gw_layout *gw_layout_find(const char *name); /* NULL: none of that name */
/* The one layout that reads the entries; the first row for a folder without migrations. GODWIT_FOLDER when two fit:
 * both are named, with a file of each, and `layout:` is asked for. */
GW_CHECKED gw_rc gw_layout_detect(const char *dir, const gw_dir_entries *entries, const gw_layout **out, gw_err *e);

#endif
