/*
 * migration/directive - `-- godwit:<name> <value>` comments: one row a directive.
 *
 * They stand before the first statement (then they are the file's) or directly above a statement (then its); anywhere
 * else they concern nothing, which is an error. A directive is a comment of its own on one line: `--`, in MySQL also
 * `#`, or a block comment that holds nothing else. A colon may follow the name. Lists may be said several times,
 * everything else once.
 *
 * Further prefixes can mean the same as "godwit", also followed by "atlas:". Without a prefix the `atlas:` spellings
 * that mean the same are understood (txmode, delimiter, nolint), other `atlas:` ones are comments. An unknown name, a
 * value that does not fit, and one that this version does not carry out yet are errors with position: GODWIT_FOLDER.
 */
#ifndef GW_MIGRATION_DIRECTIVE_H
#define GW_MIGRATION_DIRECTIVE_H

#include "base/err.h"
#include "base/vec.h"
#include "migration/assertion.h"
#include "migration/shim.h"
#include "sql/dialect.h"

typedef enum gw_tx_mode { GW_TX_AUTO, GW_TX_FILE, GW_TX_NONE } gw_tx_mode;

typedef enum gw_envsub { GW_ENVSUB_UNSAID, GW_ENVSUB_ON, GW_ENVSUB_OFF } gw_envsub;

typedef gw_vec(gw_str) gw_strs;
bool gw_strs_have(const gw_strs *list, gw_str one);
bool gw_strs_eq(const gw_strs *one, const gw_strs *other); /* also in their order */

typedef struct gw_directives {
    gw_tx_mode tx;
    gw_envsub envsub;
    int64_t timeout_ms, lock_timeout_ms; /* 0: not said */
    gw_strs skip_on, only_on;            /* environments; empty: not said */
    gw_str delimiter;                    /* empty: not said; \n \r \t decoded */
    bool checkpoint;                     /* the file stands for all before it, see migration/items */
    gw_strs nolint;                      /* "CODE reason", as written; empty text: everything; for lint */
    gw_assertions assertions;            /* of the file */
    gw_shims shims, drops;               /* the file's, wherever they stand: see migration/phase */
} gw_directives;

extern const godwit_directive gw_directive_rows[];
extern const size_t gw_directive_row_count;

typedef struct gw_directive_params {
    const char *path;
    gw_str text; /* the whole file */
    gw_dialect dialect;
    const char *const *prefixes; /* besides "godwit"; NULL-terminated, may be NULL */
} gw_directive_params;

/* Read the directives of the comments within text[from, to) into *out. at_statement: they stand directly above one. */
GW_CHECKED gw_rc gw_directives_read(gw_arena *a, const gw_directive_params *p, size_t from, size_t to,
                                    bool at_statement, gw_directives *out, gw_err *e);
/* text[from, to) is no place for directives: any there is an error. */
GW_CHECKED gw_rc gw_directives_refuse(const gw_directive_params *p, size_t from, size_t to, gw_err *e);

/* Is this comment one, rather than a comment like any other? */
bool gw_directive_is(const gw_directive_params *p, gw_str comment);

/* The file's, overridden by the statement's own. */
gw_directives gw_directives_merge(gw_arena *a, const gw_directives *file, const gw_directives *own);

/* Does `environment` (may be NULL or empty: none) keep a file with these directives from running? The case of ASCII
 * letters does not count. `only-on` keeps it from running where no environment is said. */
bool gw_directives_skip(const gw_directives *d, const char *environment);

#endif
