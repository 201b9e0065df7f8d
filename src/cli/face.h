/*
 * cli/face - what is shown of an invocation: for people (cli/text) or for programs (cli/jsonl).
 */
#ifndef GW_CLI_FACE_H
#define GW_CLI_FACE_H

#include "cli/command.h"
#include "cli/screen.h"

typedef struct gw_face {
    const gw_invocation *in;
    gw_screen screen;
    int64_t run_began_ms; /* by gw_clock_ms() */
    int64_t drawn_ms;     /* when the progress line was drawn last */
    size_t run_total;
    bool told_end;       /* the newest event was the end of a migration */
    const char *waiting; /* who was last waited for, so that it is said once on a pipe */
} gw_face;

/* For people. */
void gw_text_event(const godwit_event *event, void *face);
void gw_text_result(gw_face *face, const gw_result *result, godwit_rc rc);
/* One JSON object a line. */
void gw_jsonl_event(const godwit_event *event, void *face);
void gw_jsonl_result(gw_face *face, const gw_result *result, godwit_rc rc);

#endif
