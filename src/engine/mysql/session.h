/*
 * engine/mysql/session - what a statement can change in a session, how it began, and the way back.
 *
 * One SELECT reads it all: database, role, and the variables of a table. Going back reads it again and sets only what
 * differs, since some variables may be set by nobody but an administrator. Restored too: an open transaction (rolled
 * back), table locks (released). Not known to the server as something that could be listed, hence not restored: user
 * variables, prepared statements, open handlers, temporary tables. COM_RESET_CONNECTION would clear them, and release
 * the lock of the run with them.
 */
#ifndef GW_ENGINE_MYSQL_SESSION_H
#define GW_ENGINE_MYSQL_SESSION_H

#include "base/map.h"
#include "db/engine.h"

typedef struct gw_mysql_flavour {
    bool mariadb;
    unsigned long version; /* 101100, 90700; mysql_get_server_version() */
    gw_map *known;         /* lower-case names of the variables that there are; NULL: as the table says */
} gw_mysql_flavour;

typedef gw_vec(const char *) gw_mysql_texts;

typedef struct gw_mysql_session {
    gw_mysql_flavour flavour;
    gw_mysql_texts began; /* values in the order of the columns; NULL: SQL null */
    bool table_locks;     /* a statement may have locked tables */
} gw_mysql_session;

/* ", column …": to be selected, and kept from the row that comes back. */
void gw_mysql_session_columns(const gw_mysql_session *s, gw_buf *out);
void gw_mysql_session_keep(gw_arena *a, gw_mysql_session *s, size_t columns, const char *const *values);
/* The value with which a variable began; NULL: SQL null, or there is no such variable. */
const char *gw_mysql_session_began(const gw_mysql_session *s, const char *name);
/* What is to follow "SET " when a session begins; empty when there is nothing to set. */
void gw_mysql_session_opening(const gw_mysql_session *s, const gw_open_params *p, gw_buf *out);
/* Look at a statement before it runs. */
void gw_mysql_session_note(gw_mysql_session *s, gw_str sql);

/* Of the contract. */
GW_CHECKED gw_rc gw_mysql_reset(gw_conn *c, gw_err *e);
GW_CHECKED gw_rc gw_mysql_set_lock_timeout(gw_conn *c, int64_t ms, gw_err *e);

#endif
