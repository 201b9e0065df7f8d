/*
 * migration/folder - the migrations of a folder, in order, each up file with its down file.
 *
 * gw_folder_arrange() sees the folder through a tree: ordered files or one clear error come out. gw_folder_open() takes that of the file
 * system. 10,000 files cost a few megabytes: few texts are kept (migration/content).
 *
 * Order is by version, or that of the listing where the layout says so; repeatable ones come last, by name. A down file belongs to the up file of its version, whatever its name says. Numbers without gaps are expected of short
 * versions (gw_version_is_sequence), between each other; the first may be any.
 *
 * Errors about names have `path` and no line; their message names the files by itself.
 */
#ifndef GW_MIGRATION_FOLDER_H
#define GW_MIGRATION_FOLDER_H

#include "migration/covered.h"
#include "migration/phase_words.h"
#include "migration/sum_check.h"

typedef struct gw_file {
    const char *version, *name;
    const char *path;        /* as the user would write it: folder/file */
    const char *down_path;   /* the same where a file has both ways, and it has this one; NULL: none */
    const char *verify_path; /* NULL: none */
    gw_file_kind kind;
    gw_tx_mode tx;                /* what a file beside it says */
    size_t section;               /* of several migrations in one file: which, from 0 */
    bool is_literal;              /* what looks like a placeholder is text */
    const char *beside;           /* below the folder: what says so; NULL: nothing does */
    const char *checksum;         /* SHA-256 of what is run on the way up, hex; NULL until gw_content_read() */
    gw_str text;                  /* of the up file, from there on; ptr NULL where there was too much of it */
    const gw_phase_words *phases; /* from there on; NULL: nothing */
} gw_file;

typedef gw_vec(gw_file) gw_files;

typedef struct gw_folder {
    const char *path;
    const gw_layout *layout;
    bool exists;
    bool timestamped; /* the newest version is a date and time; false for an empty folder: `new` then decides */
    gw_files files;   /* in order */
    gw_covered covered;
    gw_str sum_text;             /* of the sum file, from gw_content_read() on; ptr NULL where there is none */
    const char *const *prefixes; /* of directives, besides "godwit"; NULL: none */
    gw_sum_problems differences; /* of the files from the sum file, from gw_content_read() on */
} gw_folder;

typedef struct gw_folder_params {
    const char *path;
    const char *layout; /* NULL or "auto": detect */
    bool allow_gaps;    /* numbered folders may skip numbers */
    bool allow_missing; /* no such folder is an empty one */
    bool only_names;    /* each file by itself: versions may come twice and in any order, as after a merge */
} gw_folder_params;

/* GODWIT_FOLDER, naming the files: duplicate version, gap, names out of order (unpadded), a stray .sql file, a down
 * file without its up file, two layouts. GODWIT_USAGE: no such layout. GODWIT_IO (open): missing (with a hint),
 * unreadable. */
GW_CHECKED gw_rc gw_folder_arrange(gw_arena *a, const gw_folder_params *p, const gw_tree *t, gw_folder *out, gw_err *e);
/* The last that has a place in the order; NULL: none. */
const gw_file *gw_folder_newest(const gw_folder *f);
/* A path of one of its files as it is named below the folder. */
const char *gw_folder_below(const gw_folder *f, const char *path);
GW_CHECKED gw_rc gw_folder_open(gw_arena *a, const gw_folder_params *p, gw_folder *out, gw_err *e);
#endif
