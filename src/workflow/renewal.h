/*
 * workflow/renewal - a session in place of the one in which a migration began: made as its kept statements left that, or the reason why
 * that cannot be (migration/recall).
 */
#ifndef GW_WORKFLOW_RENEWAL_H
#define GW_WORKFLOW_RENEWAL_H

#include "workflow/application.h"

/* What the kept statements said to the session (SET, USE, PRAGMA) is said again to a new one. */
GW_CHECKED gw_rc gw_renewal_say(gw_application *app, gw_err *e);
/* GODWIT_FAILED when a statement behind `done` kept ones relies on what only the session had that is gone. */
GW_CHECKED gw_rc gw_renewal_check(const gw_application *app, size_t done, gw_err *e);
/* Does the file leave in its session more than reset() puts back? */
bool gw_renewal_leaves(const gw_session *s, const gw_script *script);
/* A session as it is at the beginning of a file: reset, or a new one where reset() does not put back what the file leaves. */
GW_CHECKED gw_rc gw_renewal_clean(gw_application *app, gw_err *e);
/* Was the unit that failed and was rolled back begun so that another try in the same session would see something of it? */
bool gw_renewal_is_needed(const gw_application *app);
/* It is needed, and not to be had: *failure is final, and says why. */
bool gw_renewal_is_ruled_out(const gw_application *app, gw_err *failure);

#endif
