/*
 * workflow/exchange - the files of one migration in place of those of several.
 *
 * The new text first takes the place of the file whose version stays, then the others go, and only then it gets its name: whenever that is
 * broken off, the folder is as it was, or has the new text beside old files that it names (`godwit validate` says so), or lacks a name.
 */
#ifndef GW_WORKFLOW_EXCHANGE_H
#define GW_WORKFLOW_EXCHANGE_H

#include "workflow/migrations.h"

typedef struct gw_exchange_params {
    const gw_folder *folder;
    size_t from, to; /* files of the folder that go, the last not included */
    size_t keeper;   /* the one of them whose version the new files have */
    const gw_layout_files *files;
} gw_exchange_params;

/* What became of each file is told. */
GW_CHECKED gw_rc gw_exchange(gw_call *call, const gw_exchange_params *p, gw_err *e);

#endif
