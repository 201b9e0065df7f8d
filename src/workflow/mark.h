/*
 * workflow/mark - what the history is told before and behind the units of a migration: how many statements are kept, and what is about
 * to run that must not run twice.
 */
#ifndef GW_WORKFLOW_MARK_H
#define GW_WORKFLOW_MARK_H

#include "workflow/application.h"

/* The unit that a statement belongs to; NULL: there is no such statement. */
const gw_unit *gw_mark_unit(const gw_script *script, size_t index);
/* It is outside a transaction and of several statements, LOCK TABLES … UNLOCK TABLES: between them nothing can be written. */
bool gw_mark_is_locked(const gw_unit *unit);
/* How statement `index` is read: SET sql_mode and the like before it may have changed that. */
gw_dialect gw_mark_dialect(const gw_script *script, size_t index);
/* When a file goes on behind `done` statements: is `index`, which speaks to the session, about something that one of the later ones
 * dropped, or drops now? Then there is nothing to say again: USE x, behind DROP DATABASE x. */
bool gw_mark_is_moot(const gw_script *script, size_t index, size_t done);
/* Does a statement that must not run twice follow `done` kept ones, outside a transaction? */
bool gw_mark_risks(const gw_application *app, size_t done);
/* What is to be said when `done` statements are kept, and the next is about to run. */
gw_mark gw_mark_of(const gw_application *app, size_t done);

#endif
