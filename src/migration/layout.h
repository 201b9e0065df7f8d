/*
 * migration/layout - how a folder keeps its migrations: one row a layout.
 *
 * A row says by what the layout is known, which files are migrations and in which order, what of a file's text is run (migration/frame), and
 * what `new` writes. Where names alone tell, `read` reads one, and the rest follows from that.
 */
#ifndef GW_MIGRATION_LAYOUT_H
#define GW_MIGRATION_LAYOUT_H

#include "migration/frame.h"
#include "migration/writing.h"

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
    bool has_folders;           /* one of its own for each migration */
    bool has_gaps;              /* between its numbers, as a matter of course */
    bool both_ways;             /* in one file: a way down is part of the up file, where the frame finds one */
    bool has_several;           /* migrations in one file */
    bool is_linked;             /* by an index, or its neighbours: no migration can be taken out by itself */
    const char *const *indexes; /* files that say what is a migration, NULL-terminated; NULL: none */
    bool is_listed;             /* they name each */
    /* One file name, where that tells everything; else NULL. */
    gw_name (*read)(gw_str file_name);
    /* Likewise of a file in a migration's own folder, "20260326170903_a/migration.sql"; else NULL. */
    gw_name (*read_nested)(gw_str file);
    /* What of the folder is of this layout: a file to show; NULL: nothing. */
    const char *(*claims)(gw_arena *a, const gw_layout *l, const gw_tree *t);
    /* Is it for databases of this kind? GODWIT_FOLDER with position; NULL: for all. */
    gw_rc (*fits)(gw_arena *a, const gw_tree *t, gw_dialect_kind dialect, gw_err *e);
    /* GODWIT_FOLDER, naming the file. */
    gw_rc (*list)(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e);
    /* Whose migrations these are, where a database may have those of several projects; NULL: that is not said. */
    gw_rc (*project)(gw_arena *a, const gw_tree *t, const char **out, gw_err *e);
    const struct gw_marking *marking; /* migration/marks; NULL for others */
    gw_layout_versions versions;
    unsigned parts; /* gw_layout_part */
    gw_tx_mark tx_mark;
    bool opens_none;       /* its own tool opens no transaction: files say BEGIN and COMMIT */
    const gw_dress *dress; /* NULL: semicolons tell */
    /* Is the line one of the marks, wherever it stands? NULL: there are none, but for those of `marking`. */
    bool (*is_mark)(gw_str line);
    gw_frame_fn *frame; /* NULL: the whole file */
    /* The file's name, where `read` reads it; for `down` NULL when the layout has none. */
    char *(*make_name)(gw_arena *a, const char *version, const char *name, bool down);
    /* GODWIT_FOLDER: it cannot be said in this layout. */
    gw_rc (*make)(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e);
    /* The files of a new folder that say what is in it; NULL: there are none. */
    void (*index)(gw_arena *a, const gw_layout_index *p, gw_layout_files *out);
};

#endif
