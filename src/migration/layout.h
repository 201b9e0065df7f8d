/*
 * migration/layout - how a folder keeps its migrations: one row a layout.
 *
 * A row says by what the layout is known, which files are migrations and in which order, what of a file's text is run (migration/frame), and
 * what `new` writes. Where names alone tell, `read` reads one, and the rest follows from that.
 */
#ifndef GW_MIGRATION_LAYOUT_H
#define GW_MIGRATION_LAYOUT_H

#include "migration/frame.h"
#include "migration/tree.h"

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
    gw_tx_mode tx;   /* what a file beside it says */
    size_t section;  /* of several migrations in one file: which, from 0 */
    bool is_literal; /* likewise: what looks like a placeholder is text */
} gw_listed;
typedef gw_vec(gw_listed) gw_listing;

/* ---- what `new` writes ---- */

typedef struct gw_layout_new {
    const gw_tree *tree;
    const char *version, *name;
    int64_t now_ms;  /* since 1970 */
    gw_str up, down; /* their texts; down.ptr NULL: none is wanted */
} gw_layout_new;

typedef struct gw_layout_file {
    const char *file; /* below the folder */
    gw_str text;
    bool replaces; /* an index: it is there already, and this is its new text */
} gw_layout_file;
typedef gw_vec(gw_layout_file) gw_layout_files;

/* ---- rows ---- */

/* How surely it is known: who has the better evidence wins, and two with the same are two layouts. */
typedef enum gw_evidence {
    GW_KNOWN_BY_NAMES,  /* what many have: 0001_a.sql */
    GW_KNOWN_BY_SUM,    /* the same, and the sum file of whose they are */
    GW_KNOWN_BY_MARKS,  /* in the text, or names that nobody else has */
    GW_KNOWN_BY_FOLDERS /* one a migration, or a file that says it */
} gw_evidence;

typedef struct gw_layout gw_layout;
struct gw_layout {
    const char *name;           /* what `layout:` says */
    const char *example;        /* "0001_create_users.sql" */
    gw_evidence evidence;       /* of `claims` */
    const char *first;          /* version of the first migration that `new` makes; NULL: the time */
    bool padded;                /* file-name order must be version order */
    bool keeps_order;           /* it says the order itself: that of the listing; else by version */
    bool has_gaps;              /* between its numbers, as a matter of course */
    bool both_ways;             /* in one file: a way down is part of the up file, where the frame finds one */
    const char *const *indexes; /* files that say what is a migration, NULL-terminated; NULL: none */
    /* One file name, where that tells everything; else NULL. */
    gw_name (*read)(gw_str file_name);
    /* What of the folder is of this layout: a file to show; NULL: nothing. */
    const char *(*claims)(gw_arena *a, const gw_layout *l, const gw_tree *t);
    /* Is it for databases of this kind? GODWIT_FOLDER with position; NULL: for all. */
    gw_rc (*fits)(gw_arena *a, const gw_tree *t, gw_dialect_kind dialect, gw_err *e);
    /* GODWIT_FOLDER, naming the file. */
    gw_rc (*list)(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e);
    /* Whose migrations these are, where a database may have those of several projects; NULL: that is not said. */
    gw_rc (*project)(gw_arena *a, const gw_tree *t, const char **out, gw_err *e);
    const struct gw_marking *marking; /* migration/marks; NULL for others */
    gw_frame_fn *frame;               /* NULL: the whole file */
    /* The file's name, where `read` reads it; for `down` NULL when the layout has none. */
    char *(*make_name)(gw_arena *a, const char *version, const char *name, bool down);
    /* GODWIT_FOLDER: it cannot be said in this layout. */
    gw_rc (*make)(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e);
};

#endif
