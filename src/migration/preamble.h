/*
 * migration/preamble - directives written out: those that a file begins with, in the words of its layout, and those above a statement.
 */
#ifndef GW_MIGRATION_PREAMBLE_H
#define GW_MIGRATION_PREAMBLE_H

#include "migration/layout.h"

typedef struct gw_preamble {
    const gw_layout *layout;
    bool is_checkpoint;
    gw_tx_mode tx;         /* GW_TX_AUTO: not said */
    const char *delimiter; /* ends every statement; NULL: a semicolon */
    bool expands;
    gw_directives
        said; /* where and how long it runs, what is to hold before it, what lint leaves out, its shims and drops */
} gw_preamble;

void gw_preamble_add(gw_buf *out, const gw_preamble *p);
/* What a statement says of itself, and what its file said and `head`, which stands above it now, does not. */
void gw_preamble_rules(gw_buf *out, const gw_directives *own, const gw_directives *file, const gw_directives *head);

#endif
