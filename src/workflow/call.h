/*
 * workflow/call - what every workflow is given: configuration, engines, the way to tell, the way to be stopped, and the answer.
 *
 * One call is one use of the library. Its arena holds the answer and everything that lives as long.
 */
#ifndef GW_WORKFLOW_CALL_H
#define GW_WORKFLOW_CALL_H

#include <pthread.h>

#include "base/interrupt.h"
#include "config/config.h"
#include "db/engine.h"
#include "migration/plan.h"

typedef struct gw_answer {
    gw_vec(godwit_migration) migrations;
    gw_vec(godwit_attempt) attempts;
    gw_vec(godwit_statement) statements;
    gw_vec(godwit_error) errors;
    gw_vec(const char *) paths;
} gw_answer;

typedef struct gw_call {
    gw_arena *arena;
    gw_config *config;
    const gw_engine *const *engines; /* NULL-terminated */
    const gw_interrupt *interrupt;
    godwit_event_fn *on_event; /* may be NULL */
    void *event_context;
    pthread_mutex_t *telling; /* one event at a time; NULL: nobody else tells */
    bool owns_process;        /* see godwit_own_process() */
    int64_t started_ms;       /* by gw_clock_ms() */
    godwit_report report;
    gw_answer answer; /* becomes the report's arrays when the call ends */
} gw_call;

void gw_tell(const gw_call *call, const godwit_event *event);
void gw_tell_note(const gw_call *call, const char *format, ...) GW_PRINTF(2, 3);
/* GODWIT_INTERRUPTED when somebody asked to stop. */
GW_CHECKED gw_rc gw_call_check(const gw_call *call, gw_err *e);

/* The engine of a URL's scheme. GODWIT_USAGE lists the schemes there are. */
GW_CHECKED gw_rc gw_call_engine(const gw_call *call, const gw_url *url, const gw_engine **out, gw_err *e);

#endif
