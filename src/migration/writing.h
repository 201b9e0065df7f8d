/*
 * migration/writing - what is written in a layout: by `new`, `squash` and `checkpoint` into a folder that is there, by `convert`
 * into one that is not.
 *
 * And what a layout's row says of that: which parts of a migration it has a place for, and in which words.
 */
#ifndef GW_MIGRATION_WRITING_H
#define GW_MIGRATION_WRITING_H

#include "migration/listing.h"
#include "migration/tree.h"

/* ---- files ---- */

typedef struct gw_layout_file {
    const char *file; /* below the folder */
    gw_str text;
    bool replaces; /* an index: it is there already, and this is its new text */
    gw_way way;    /* of a migration's text */
} gw_layout_file;
typedef gw_vec(gw_layout_file) gw_layout_files;

/* A migration. Zeroed, what `new` does not say is: one of all, run as its layout runs any. */
typedef struct gw_layout_new {
    const gw_tree *tree; /* the folder that it comes into; NULL: a new one, whose `index` is written behind all */
    const gw_layout_file *before; /* in a new one: the up file of the migration before it; NULL: it is the first */
    const char *version, *name;
    gw_file_kind kind;
    int64_t now_ms;              /* since 1970 */
    gw_str up, down, verify;     /* their texts; ptr NULL: none is wanted */
    gw_tx_mode tx[GW_WAY_COUNT]; /* GW_TX_NONE: the marks of the layout are to say it; see `tx_mark` */
    const char *delimiter;       /* what ends the statements of `up`; NULL: a semicolon */
    bool is_draft;               /* a way that the layout's own tool does not know is left to who wants it */
} gw_layout_new;

/* What a new folder holds, for the files that say so. */
typedef struct gw_layout_index {
    const gw_layout_new *all; /* in their order */
    size_t count;
    gw_dialect_kind dialect;
    const char *project; /* what the folder is called */
} gw_layout_index;

/* ---- words ---- */

/* What the versions of a layout are. */
typedef enum gw_layout_versions {
    GW_VERSIONS_NUMBERS,  /* digits, also the time of day; their order is that of the migrations */
    GW_VERSIONS_FROM_ONE, /* 1, 2, 3, … */
    GW_VERSIONS_TIMES,    /* 14 digits that are a date and time */
    GW_VERSIONS_DOTTED,   /* numbers with dots between them */
    GW_VERSIONS_ANY,      /* any text: the index says the order */
    GW_VERSIONS_NAMES     /* a migration is known by its name */
} gw_layout_versions;

/* What a layout has a place for, beside the way up, and its own tool does not stumble over. */
typedef enum gw_layout_part {
    GW_PART_DOWN = 1,
    GW_PART_VERIFY = 2,
    GW_PART_REPEATABLE = 4,
    GW_PART_CHECKPOINT = 8
} gw_layout_part;

/* Who says that there is to be no transaction. */
typedef enum gw_tx_mark {
    GW_TX_MARK_OWN,  /* godwit's directive: who else runs it opens none by himself */
    GW_TX_MARK_NONE, /* godwit's directive: the layout's own tool has no word for it, and opens one */
    GW_TX_MARK_WAY,  /* a mark of the layout, for each way */
    GW_TX_MARK_BOTH  /* a mark of the layout, for all of the migration */
} gw_tx_mark;

/* How statements are told apart, where the layout's own tool needs to be helped. */
typedef struct gw_dress {
    const char *begin, *end;   /* lines around a statement with a semicolon at the end of a line */
    const char *between;       /* a line between any two */
    const char *delimiter;     /* a directive for what ends all of them: "-- godwit:delimiter" */
    bool has_delimiter;        /* its own word for that, which `make` says where a statement would be cut within */
    bool has_client_delimiter; /* MySQL's client would cut it: DELIMITER around it */
    const char *expand, *expand_off; /* lines around a text with variables; NULL: godwit's directive */
    const char *checkpoint, *no_tx;  /* directives of its tool's, instead of godwit's */
    bool names_checkpoint;           /* the file's name says it */
} gw_dress;

#endif
