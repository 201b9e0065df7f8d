/*
 * workflow/report - what files, history and runs say, put into the answer of a call.
 *
 * Texts are copied to the call's arena.
 */
#ifndef GW_WORKFLOW_REPORT_H
#define GW_WORKFLOW_REPORT_H

#include "migration/script.h"
#include "workflow/call.h"

godwit_migration gw_report_item(gw_call *call, const gw_item *item);
/* Every item. */
void gw_report_items(gw_call *call, const gw_items *items);
void gw_report_attempt(gw_call *call, const gw_record *record);
/* The statements of a script, the first `done` of them kept. */
void gw_report_statements(gw_call *call, const gw_script *script, size_t done);
/* Of a statement, for lists and events. */
char *gw_report_first_line(gw_arena *a, const gw_script *script, size_t index);
void gw_report_path(gw_call *call, const char *path);
/* Puts the answer's arrays into the report: the last step of a call. */
void gw_report_end(gw_call *call, gw_rc rc, const gw_err *e);

#endif
