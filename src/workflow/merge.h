/*
 * workflow/merge - several migrations of the folder read, and made one (migration/squash). Nothing is written.
 */
#ifndef GW_WORKFLOW_MERGE_H
#define GW_WORKFLOW_MERGE_H

#include "workflow/migrations.h"

typedef struct gw_merge_params {
    const gw_migrations *migrations;
    size_t from, to;            /* files of the folder, the last not included; at least one */
    const char *version, *name; /* of what they become */
    bool checkpoint;            /* that stands for them, and they stay: it has no way down, and no verify script */
    bool no_down;               /* no way down is wanted */
} gw_merge_params;

/* The files that are to be written, the up file first, an index with them. A way down only where all
 * have one: otherwise that is told. GODWIT_REFUSED with position; GODWIT_USAGE: no database is configured, so that nobody knows which SQL. */
GW_CHECKED gw_rc gw_merge(gw_arena *a, gw_call *call, const gw_merge_params *p, gw_layout_files *out, gw_err *e);

#endif
