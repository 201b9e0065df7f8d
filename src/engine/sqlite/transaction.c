#include "engine/sqlite/transaction.h"

#include <assert.h>

#include "engine/sqlite/error.h"
#include "engine/sqlite/others.h"
#include "engine/sqlite/statement.h"
#include "engine/sqlite/twin.h"
#include "sql/lex.h"

/* A name that no migration gives to a savepoint of its own. */
#define SAVEPOINT "\"godwit: one of a group\""

static bool
has_word(gw_str text, const char *word, gw_dialect dialect)
{
    gw_lexer lexer = gw_lex(text, dialect);
    for (gw_token t = gw_lex_solid(&lexer); t.kind != GW_TOKEN_END; t = gw_lex_solid(&lexer))
        if (t.kind == GW_TOKEN_WORD && gw_str_is_nocase(t.text, word))
            return true;
    return false;
}

static bool
is_open(const gw_sqlite_conn *c)
{
    return sqlite3_get_autocommit(c->db) == 0;
}

/* ---- the transaction of the file ---- */

/* It would lock both of them, and wait for itself. */
static gw_rc
check_twin(gw_sqlite_conn *c, gw_err *e)
{
    GW_SCOPE(a);
    const char *const name = c->may_write ? gw_sqlite_twin(a, c) : NULL;
    return name == NULL ? GODWIT_OK : gw_sqlite_fail_twin(c, name, e);
}

/* What was committed to a file that is gone, or is another one by now, is nowhere. */
static gw_rc
check_moved(gw_sqlite_conn *c, gw_err *e)
{
    int moved = 0;
    if (sqlite3_file_control(c->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || moved == 0)
        return GODWIT_OK;
    gw_sqlite_refuse(e, GODWIT_FAILED, SQLITE_READONLY_DBMOVED, "%s was deleted or replaced while it was written",
                     c->path);
    return gw_err_hint(e, "what was committed is in the file that is gone: look at the one that is there now");
}

static gw_rc
begin_whole(gw_sqlite_conn *c, gw_str own, gw_err *e)
{
    gw_err busy = {0};
    GW_TRY(check_twin(c, e));
    const char *const sql = has_word(own, "EXCLUSIVE", c->base.facts.dialect) ? "BEGIN EXCLUSIVE"
                            : c->may_write                                    ? "BEGIN IMMEDIATE"
                                                                              : "BEGIN";
    const bool is_lifted = gw_sqlite_lift(c);
    const gw_rc rc = gw_sqlite_exec_within(c, sql, c->lock_wait_ms, &busy);
    if (is_lifted)
        gw_sqlite_lower(c);
    if (rc != GODWIT_OK && busy.transient)
        return gw_sqlite_fail_locked(c->path, e);
    if (rc != GODWIT_OK)
        *e = busy;
    return rc;
}

static gw_rc
commit_whole(gw_sqlite_conn *c, gw_err *e)
{
    GW_TRY(gw_sqlite_exec_within(c, "COMMIT", c->lock_timeout_ms, e));
    return check_moved(c, e);
}

/* Again when a cancel that came late ended it. */
static void
rollback_whole(gw_sqlite_conn *c)
{
    enum { TRIES = 3 };
    for (int i = 0; i < TRIES && is_open(c); i++) {
        gw_err ignored = {0};
        if (gw_sqlite_exec_within(c, "ROLLBACK", c->lock_timeout_ms, &ignored) == GODWIT_OK)
            return;
    }
}

/* ---- one of a group ---- */

/* COMMIT would find it. */
static gw_rc
check_references(gw_sqlite_conn *c, gw_err *e)
{
    int open = 0, highest = 0;
    if (sqlite3_db_status(c->db, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &highest, 0) != SQLITE_OK || open == 0)
        return GODWIT_OK;
    return gw_sqlite_refuse(e, GODWIT_FAILED, SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed");
}

static gw_rc
commit_one(gw_sqlite_conn *c, gw_err *e)
{
    if (gw_sqlite_is_lost(c))
        return gw_sqlite_fail_lost(e);
    GW_TRY(check_references(c, e));
    GW_TRY(gw_sqlite_exec_kept(c, "RELEASE " SAVEPOINT, e));
    c->group = GW_SQLITE_GROUP;
    return GODWIT_OK;
}

/* A savepoint to which there is no way back takes the group with it: half a migration must not be kept. */
static void
rollback_one(gw_sqlite_conn *c)
{
    enum { TRIES = 3 };
    bool back = false;
    for (int i = 0; i < TRIES && !back && is_open(c); i++) {
        gw_err ignored = {0};
        back = gw_sqlite_exec_kept(c, "ROLLBACK TO " SAVEPOINT, &ignored) == GODWIT_OK &&
               gw_sqlite_exec_kept(c, "RELEASE " SAVEPOINT, &ignored) == GODWIT_OK;
    }
    if (!back)
        rollback_whole(c);
    c->group = GW_SQLITE_GROUP;
}

/* ---- either ---- */

gw_rc
gw_sqlite_begin(gw_conn *conn, gw_str own, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    if (c->group == GW_SQLITE_ALONE)
        return begin_whole(c, own, e);
    assert(c->group == GW_SQLITE_GROUP);
    GW_TRY(gw_sqlite_exec_kept(c, "SAVEPOINT " SAVEPOINT, e));
    c->group = GW_SQLITE_GROUP_ONE;
    return GODWIT_OK;
}

gw_rc
gw_sqlite_commit(gw_conn *conn, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    return c->group == GW_SQLITE_ALONE ? commit_whole(c, e) : commit_one(c, e);
}

void
gw_sqlite_rollback(gw_conn *conn)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    if (c->group == GW_SQLITE_ALONE)
        rollback_whole(c);
    else if (c->group == GW_SQLITE_GROUP_ONE)
        rollback_one(c);
}

bool
gw_sqlite_in_transaction(gw_conn *conn)
{
    const gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    return c->group != GW_SQLITE_GROUP && is_open(c);
}

/* ---- the group ---- */

gw_rc
gw_sqlite_group_begin(gw_conn *conn, bool *untouched, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    assert(c->group == GW_SQLITE_ALONE);
    GW_TRY(begin_whole(c, (gw_str){0}, e));
    *untouched = !gw_sqlite_others_have_been(c);
    c->group = GW_SQLITE_GROUP;
    return GODWIT_OK;
}

gw_rc
gw_sqlite_group_end(gw_conn *conn, gw_err *e)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    assert(c->group != GW_SQLITE_ALONE);
    gw_sqlite_rollback(conn);
    const gw_rc rc = gw_sqlite_is_lost(c) ? gw_sqlite_fail_lost(e) : commit_whole(c, e);
    gw_sqlite_group_drop(conn);
    return rc;
}

void
gw_sqlite_group_drop(gw_conn *conn)
{
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    if (c->group == GW_SQLITE_ALONE)
        return;
    c->group = GW_SQLITE_ALONE;
    rollback_whole(c);
}
