/*
 * workflow/entry - what the history says of a migration under way: its row, from the first word to the last.
 */
#ifndef GW_WORKFLOW_ENTRY_H
#define GW_WORKFLOW_ENTRY_H

#include "workflow/application.h"

/* Somebody may have been here since we looked: is it done, ours to do, or another runner's? GODWIT_LOCKED: the latter. */
GW_CHECKED gw_rc gw_entry_decide(gw_application *app, const gw_record *newest, gw_err *e);
/* Where begin() is the lock, what was decided before it may be old: look again inside. */
GW_CHECKED gw_rc gw_entry_look(gw_application *app, gw_err *e);

/* What it is to say when the migration ends now. */
gw_record gw_entry_ended(const gw_application *app, godwit_state state, size_t done);

/* A migration of several units is in the history before its first statement. */
GW_CHECKED gw_rc gw_entry_start(gw_application *app, gw_err *e);
GW_CHECKED gw_rc gw_entry_mark(gw_application *app, size_t done, gw_err *e);
/* After the statements before `end` were executed: the mark, or the end of the migration. *kept: the record then. */
GW_CHECKED gw_rc gw_entry_keep(gw_application *app, size_t end, gw_record *kept, gw_err *e);
/* Write the end, by whichever way keeps other runners out. Transactions are its own. */
GW_CHECKED gw_rc gw_entry_end(gw_application *app, const gw_record *r, gw_err *e);

#endif
