#include "engine/sqlite/error.h"

#include <stdio.h>
#include <string.h>

#include "engine/sqlite/holder.h"
#include "engine/sqlite/twin.h"

/* What SQLite's own words leave open. The extended code is looked for first, then the primary one. */
static const struct {
    int code;
    gw_rc rc;
    bool transient, lock_wait;
    const char *hint;
} kinds[] = {
    {SQLITE_BUSY, GODWIT_FAILED, true, true,
     "another connection reads or writes the file for longer than lock_timeout; end it, or wait longer"},
    {SQLITE_BUSY_SNAPSHOT, GODWIT_FAILED, true, false, "another connection wrote since this transaction began to read"},
    {SQLITE_LOCKED, GODWIT_FAILED, true, true, "another statement of this process uses the table"},
    {SQLITE_READONLY, GODWIT_FAILED, false, false,
     "the file must be writable for the user who migrates, and not opened with mode=ro"},
    {SQLITE_READONLY_DBMOVED, GODWIT_FAILED, false, false,
     "the file was moved or deleted while it was open; run godwit again"},
    {SQLITE_READONLY_DIRECTORY, GODWIT_FAILED, false, false,
     "SQLite keeps its journal beside the file: the folder must be writable too"},
    {SQLITE_READONLY_ROLLBACK, GODWIT_FAILED, false, false,
     "a crash left a journal that must be rolled back first; open the file once without mode=ro"},
    {SQLITE_FULL, GODWIT_FAILED, false, false,
     "free some space, then run godwit again: the open transaction was not kept"},
    {SQLITE_IOERR, GODWIT_FAILED, false, false,
     "look at the disk and its file system: SQLite could not read or write the file"},
    {SQLITE_CORRUPT, GODWIT_FAILED, false, false,
     "look with `PRAGMA integrity_check`, and restore the file from a backup"},
    {SQLITE_NOTADB, GODWIT_FAILED, false, false, "the file is something else, or is encrypted"},
    {SQLITE_CANTOPEN, GODWIT_FAILED, false, false, NULL},
    {SQLITE_INTERRUPT, GODWIT_INTERRUPTED, false, false, NULL},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), PRIMARY = 0xFF };

static size_t
kind_of(int code)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].code == code)
            return i;
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].code == (code & PRIMARY))
            return i;
    return KINDS;
}

static void
set_code(gw_err *e, int code)
{
    const int len = snprintf(e->code, sizeof(e->code), "%d", code);
    (void)len;
}

/* SQLite says "disk I/O error" and "unable to open database file", the system says why. */
static bool
asks_system(int code)
{
    return (code & PRIMARY) == SQLITE_IOERR || (code & PRIMARY) == SQLITE_CANTOPEN;
}

gw_rc
gw_sqlite_fail(gw_sqlite_conn *c, gw_err *e)
{
    const int code = sqlite3_extended_errcode(c->db);
    const size_t kind = kind_of(code);
    const int number = asks_system(code) ? sqlite3_system_errno(c->db) : 0;
    if (atomic_load(&c->wait.cancelled) && (code & PRIMARY) == SQLITE_BUSY)
        return gw_fail(e, GODWIT_INTERRUPTED, "interrupted while waiting for %s", c->path);
    gw_fail(e, kind < KINDS ? kinds[kind].rc : GODWIT_FAILED, "%s%s%s", sqlite3_errmsg(c->db), number != 0 ? ": " : "",
            number != 0 ? strerror(number) : "");
    set_code(e, code);
    const int offset = sqlite3_error_offset(c->db);
    e->offset = offset < 0 ? 0 : (size_t)offset + 1;
    if (kind == KINDS)
        return e->rc;
    e->transient = kinds[kind].transient;
    e->lock_wait = kinds[kind].lock_wait;
    if (e->lock_wait) {
        GW_SCOPE(a);
        const char *const name = gw_sqlite_twin(a, c);
        if (name != NULL) {
            *e = (gw_err){0};
            return gw_sqlite_fail_twin(c, name, e);
        }
    }
    if (e->transient) {
        GW_SCOPE(a);
        const char *const who = gw_sqlite_holder(a, c->path, c->wait.writing);
        if (who != NULL)
            gw_err_note(e, "%s is locked by %s", c->path, who);
    }
    return kinds[kind].hint == NULL ? e->rc : gw_err_hint(e, "%s", kinds[kind].hint);
}

gw_rc
gw_sqlite_fail_locked(const char *path, gw_err *e)
{
    GW_SCOPE(a);
    const char *const who = gw_sqlite_holder(a, path, false);
    gw_fail(e, GODWIT_LOCKED, "%s is locked by %s", path, who == NULL ? "another process" : who);
    set_code(e, SQLITE_BUSY);
    return gw_err_hint(e, "end what uses the file, or wait longer: --lock-wait");
}

gw_rc
gw_sqlite_fail_twin(const gw_sqlite_conn *c, const char *name, gw_err *e)
{
    gw_sqlite_refuse(e, GODWIT_FAILED, SQLITE_BUSY,
                     "this very file is attached once more, as '%s': it keeps itself locked", name);
    return gw_err_hint(e, "leave that ATTACH out: the tables of %s are there under their own names", c->path);
}

gw_rc
gw_sqlite_fail_lost(gw_err *e)
{
    gw_sqlite_refuse(e, GODWIT_FAILED, SQLITE_ABORT_ROLLBACK,
                     "the group was rolled back: a statement ended the transaction that its migrations share");
    e->transient = true;
    return e->rc;
}

gw_rc
gw_sqlite_refuse(gw_err *e, gw_rc rc, int code, const char *format, ...)
{
    char text[sizeof(e->message)];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)len;
    set_code(e, code);
    return gw_fail(e, rc, "%s", text);
}
