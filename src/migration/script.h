/*
 * migration/script - one file made ready to run: statements, what each does, its directives, and the units in which
 * they are kept.
 *
 * Pure: text in, tables out. Everything points into the text, which must live as long.
 */
#ifndef GW_MIGRATION_SCRIPT_H
#define GW_MIGRATION_SCRIPT_H

#include "migration/expand.h"
#include "migration/unit.h"

typedef struct gw_script {
    const char *path;
    gw_str text; /* blank where the layout says that it is not run; with the values of variables where that is said */
    gw_dialect dialect;
    const char *checksum; /* gw_frame_checksum() of it */
    gw_stmts stmts;
    gw_class *classes;    /* one a statement */
    gw_directives *rules; /* one a statement: of the file, overridden by its own */
    gw_directives file_rules;
    gw_units units;              /* cover all statements in order */
    const gw_expanded *expanded; /* NULL: no variable was asked for */
    gw_variables variables;
    bool needs_layout; /* its text alone does not say how it is run: see migration/keep */
} gw_script;

typedef struct gw_script_params {
    const char *path;
    gw_str text;
    gw_frame_fn *frame; /* of its layout; NULL: all of the text is run */
    bool down;
    size_t section;
    bool is_literal;      /* what looks like a placeholder is text */
    gw_tx_mode tx;        /* what a file beside it says */
    const char *checksum; /* NULL: it is computed */
    gw_dialect dialect;
    gw_variables variables;      /* asked where the file says so */
    const char *const *prefixes; /* directive prefixes */
    bool any_bytes;
    bool is_check;    /* a verify script: it has no units, since nothing of it is kept */
    bool allow_empty; /* a file without a statement is an error otherwise */
} gw_script_params;

/* GODWIT_FOLDER with position: what sql/split, migration/directive and migration/unit refuse; without: no statement. */
GW_CHECKED gw_rc gw_script_read(gw_arena *a, const gw_script_params *p, gw_script *out, gw_err *e);

gw_str gw_script_statement(const gw_script *s, size_t index); /* its text */
gw_str gw_script_data(const gw_script *s, size_t index);      /* its COPY data */
/* The whole file is one transaction, which can carry its history row: nothing of it is ever kept without the rest. */
bool gw_script_is_single(const gw_script *s);

/* SHA-256 over the first `count` statements, each its text and a zero byte, COPY data and another zero byte after it:
 * does a mended file still begin the same? */
typedef struct gw_prefix { /* begins zeroed; remembers what it hashed, so that a growing count costs only what is new */
    struct gw_sha256 *hash;
    size_t count;
    gw_buf each; /* of migration/progress */
} gw_prefix;
char *gw_script_digest(gw_arena *a, const gw_script *s, size_t index); /* the same of one statement alone */
char *gw_script_prefix_on(gw_arena *a, const gw_script *s, gw_prefix *prefix, size_t count);
char *gw_script_prefix(gw_arena *a, const gw_script *s, size_t count);

#endif
