/*
 * migration/listing - what is in a folder of migrations: names, and the files of each migration.
 */
#ifndef GW_MIGRATION_LISTING_H
#define GW_MIGRATION_LISTING_H

#include "migration/directive.h"

/* ---- names ---- */

typedef enum gw_name_kind {
    GW_NAME_FOREIGN, /* not for this layout, and harmless: README.md, a sum file, a hidden file, a folder */
    GW_NAME_UP,
    GW_NAME_DOWN,
    GW_NAME_WRONG, /* looks like a migration and is none: `reason` says why */
    GW_NAME_REPEATABLE,
    GW_NAME_VERIFY
} gw_name_kind;

typedef struct gw_name {
    gw_name_kind kind;
    gw_str version, name; /* views into the file name */
    const char *reason;   /* what was expected */
} gw_name;

/* ---- what is in a folder ---- */

typedef enum gw_way { GW_WAY_UP, GW_WAY_DOWN, GW_WAY_VERIFY, GW_WAY_COUNT } gw_way;

typedef enum gw_file_kind {
    GW_FILE_VERSIONED,
    GW_FILE_REPEATABLE, /* has no version of its own: it runs behind all others, whenever its text is another */
    GW_FILE_CHECKPOINT  /* stands for all before it where nothing was ever run */
} gw_file_kind;

/* A way of a migration. */
typedef struct gw_listed {
    const char *file; /* below the folder: "0001_a.sql", "20260101000000_a/migration.sql" */
    const char *version, *name;
    gw_way way;
    gw_file_kind kind;
    gw_tx_mode tx;      /* what a file beside it says */
    size_t section;     /* of several migrations in one file: which, from 0 */
    bool is_literal;    /* likewise: what looks like a placeholder is text */
    const char *beside; /* that file, which says so; NULL: there is none */
} gw_listed;
typedef gw_vec(gw_listed) gw_listing;

#endif
