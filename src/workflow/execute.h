/*
 * workflow/execute - one statement of a script: given to the server, timed, told, and its failure put where the user wrote it.
 */
#ifndef GW_WORKFLOW_EXECUTE_H
#define GW_WORKFLOW_EXECUTE_H

#include "migration/script.h"
#include "workflow/session.h"

/* What a statement outside a transaction has kept although it failed. */
typedef enum gw_kept {
    GW_KEPT_NOTHING, /* as far as a statement that does not commit by itself goes */
    GW_KEPT_PART,    /* it committed, or rolled back, by itself before */
    GW_KEPT_UNKNOWN  /* it may have */
} gw_kept;

typedef struct gw_execute_params {
    const gw_script *script;
    const char *version, *name, *direction; /* of the migration, for events and errors */
    /* In a transaction: a statement that was to be cancelled fails, also when the server calls what it cut short a success. */
    bool revocable;
    gw_kept *kept; /* out; may be NULL */
} gw_execute_params;

/* A failure carries path, line and column of the script. */
GW_CHECKED gw_rc gw_execute_statement(gw_session *s, const gw_execute_params *p, size_t index, gw_err *e);
/* Put a failure of a statement where the user wrote it. Returns e->rc. */
gw_rc gw_execute_place(const gw_session *s, const gw_execute_params *p, size_t index, gw_err *e);
/* Tell that it ended. */
void gw_execute_tell(const gw_session *s, const gw_execute_params *p, size_t index, int64_t elapsed_ms);

#endif
