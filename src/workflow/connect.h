/*
 * workflow/connect - a session's way to its server: tried again as configured, and the database made when it is missing.
 */
#ifndef GW_WORKFLOW_CONNECT_H
#define GW_WORKFLOW_CONNECT_H

#include "workflow/session.h"

/* Sets s->conn, on s->link. It is NULL when the database does not exist and s->access only looks. */
GW_CHECKED gw_rc gw_connect(gw_session *s, gw_err *e);
/* How the session's connections are opened. */
GW_CHECKED gw_rc gw_connect_params(gw_session *s, gw_open_params *out, gw_err *e);
/* A connection to the server rather than the database; NULL where databases are files. */
GW_CHECKED gw_rc gw_connect_maintenance(gw_arena *a, gw_session *s, gw_conn **out, gw_err *e);

#endif
