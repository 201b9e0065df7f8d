/*
 * migration/rewrite - one way of a migration, written anew in the words of another layout.
 *
 * Statements keep their text, and what stands between them its comments. What changes is how they are told apart, and what the old layout's
 * marks said. Pure; whether the result is read as the same migration/likeness says.
 */
#ifndef GW_MIGRATION_REWRITE_H
#define GW_MIGRATION_REWRITE_H

#include "migration/layout.h"
#include "migration/script.h"

typedef struct gw_rewrite_params {
    const gw_script *script;
    const gw_layout *from, *to;
    const char *const *prefixes; /* of directives */
    gw_tx_mode tx;               /* to be said by a directive; GW_TX_AUTO: not */
    bool is_checkpoint;          /* to be said by a directive, where the text does not yet */
    const char *delimiter;       /* ends every statement; NULL: a semicolon */
    bool is_check;               /* a verify script: transactions are not its own */
    /* It comes into a file with others, above which this is said already: its directives are left out, but for what statements say of themselves.
     * Its transactions stay what they are. NULL: it has a file of its own. */
    const gw_directives *head;
} gw_rewrite_params;

/* What ends statements that semicolons do not tell apart, to be tried one after the other; NULL-terminated. */
extern const char *const gw_rewrite_delimiters[];

/* GODWIT_FOLDER with position: a line that would be a mark of the new layout. */
GW_CHECKED gw_rc gw_rewrite(gw_arena *a, const gw_rewrite_params *p, gw_str *out, gw_err *e);
/* Nobody could tell two of its statements apart by semicolons: another delimiter, which none of them has. NULL: there is none. */
const char *gw_rewrite_delimiter(const gw_script *s);
/* The first statement that a tool would cut which knows strings, and no bodies; SIZE_MAX: none. */
size_t gw_rewrite_cut(const gw_script *s);
/* Its BEGIN or COMMIT, and nothing else is said there: only around what is one transaction. */
bool gw_rewrite_is_own(const gw_script *s, size_t index);
/* Does it need to run outside of a transaction, or say so? */
bool gw_rewrite_is_loose(const gw_script *s);

#endif
