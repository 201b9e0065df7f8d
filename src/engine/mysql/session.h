/*
 * engine/mysql/session - what a statement can change in a session, and how it began; engine/mysql/reset is the way back.
 *
 * One SELECT reads it all: database, role, and the variables of a table. It is not read when nothing can have changed: the server
 * tells with each answer that something did (session tracking); what it does not tell is known by the words of the
 * statements, see engine/mysql/traits. Where it tells nothing, everything is read each time.
 */
#ifndef GW_ENGINE_MYSQL_SESSION_H
#define GW_ENGINE_MYSQL_SESSION_H

#include "db/engine.h"
#include "engine/mysql/variable.h"

typedef gw_vec(const char *) gw_mysql_texts;

typedef struct gw_mysql_session {
    gw_mysql_flavour flavour;
    gw_mysql_texts began; /* values in the order of the columns; NULL: SQL null */
    bool tells;           /* the server says by itself what changed */
    bool changed;         /* something may differ from how it began … */
    bool is_known;        /* … and if not, nothing does */
    bool reread;          /* texts may be read, or committed, in another way than at the beginning */
    bool table_locks;     /* a statement may have locked tables */
} gw_mysql_session;

/* The value with which a variable began; NULL: SQL null, or there is no such variable. */
const char *gw_mysql_session_began(const gw_mysql_session *s, const char *name);
/* What is to follow "SET " when a session begins. */
void gw_mysql_session_opening(const gw_mysql_session *s, const gw_open_params *p, gw_buf *out);

/* Before a statement of the user's runs; `traits` of gw_mysql_traits(). */
void gw_mysql_session_note(gw_mysql_session *s, unsigned traits);
/* A query, and what to do with its row: `s` as ctx, whose `changed` says afterwards whether something differs from how it began. */
void gw_mysql_session_look(const gw_mysql_session *s, gw_buf *out);
bool gw_mysql_session_looked(void *s, size_t columns, const char *const *values);

/* Is the value of a column another one than at the beginning? */
bool gw_mysql_session_differs(const gw_mysql_session *s, size_t column, const char *now);

/* What is to follow "SET ". */
void gw_mysql_session_lock_timeout(gw_buf *out, int64_t ms);

#endif
