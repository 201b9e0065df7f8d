/*
 * workflow/migrations - the migrations folder as the configuration describes it.
 */
#ifndef GW_WORKFLOW_MIGRATIONS_H
#define GW_WORKFLOW_MIGRATIONS_H

#include "migration/folder.h"
#include "migration/script.h"
#include "workflow/call.h"

typedef struct gw_migrations {
    gw_folder folder;
    const char *const *prefixes; /* of directives */
    const char *app_env;
    gw_variables variables; /* the environment, and .env */
    bool any_bytes, allow_empty;
} gw_migrations;

typedef enum gw_migrations_use {
    GW_MIGRATIONS_TO_RUN,    /* with the checksum of every file */
    GW_MIGRATIONS_TO_EXTEND, /* names alone matter, gaps are somebody else's, and the folder may be yet to come */
    GW_MIGRATIONS_TO_SEAL    /* names alone, and the folder is there: its sum file is to be written */
} gw_migrations_use;

/* Which SQL it is, by the configured URL alone; nobody connects. `why` somebody asks, where there is none. */
GW_CHECKED gw_rc gw_migrations_dialect(gw_call *call, const char *why, gw_dialect_kind *out, gw_err *e);
GW_CHECKED gw_rc gw_migrations_open(gw_arena *a, gw_call *call, gw_migrations_use use, gw_migrations *out, gw_err *e);
/* Read and split an up file of the folder. What the folder kept of it is what was hashed: it is not read again. */
GW_CHECKED gw_rc gw_migrations_up(gw_arena *a, const gw_migrations *m, const gw_file *file, gw_dialect dialect,
                                  gw_script *out, gw_err *e);
/* A down file: one without a statement is fine. */
GW_CHECKED gw_rc gw_migrations_down(gw_arena *a, const gw_migrations *m, const gw_file *file, gw_dialect dialect,
                                    gw_script *out, gw_err *e);
/* A verify script; one without a statement is fine. */
GW_CHECKED gw_rc gw_migrations_verify(gw_arena *a, const gw_migrations *m, const gw_file *file, gw_dialect dialect,
                                      gw_script *out, gw_err *e);
/* A down text that stands elsewhere; `shown` is its name in errors. */
GW_CHECKED gw_rc gw_migrations_down_text(gw_arena *a, const gw_migrations *m, const char *shown, gw_str text,
                                         gw_dialect dialect, gw_script *out, gw_err *e);

#endif
