#include "engine/sqlite/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/sqlite/claim.h"
#include "engine/sqlite/error.h"
#include "engine/sqlite/open.h"
#include "engine/sqlite/path.h"
#include "engine/sqlite/statement.h"

gw_rc
gw_sqlite_file_exists(gw_conn *c, const gw_url *url, bool *exists, gw_err *e)
{
    GW_SCOPE(a);
    struct stat st;
    const char *const path = gw_sqlite_path(a, url);
    (void)c;
    *exists = gw_sqlite_path_is_memory(path) || stat(path, &st) == 0;
    if (!*exists && errno != ENOENT && errno != ENOTDIR)
        return gw_fail(e, GODWIT_IO, "cannot look for %s: %s", path, strerror(errno));
    return GODWIT_OK;
}

/* An empty file is an empty database, in which a migration may still choose page_size or encoding. */
gw_rc
gw_sqlite_file_create(gw_conn *c, const gw_url *url, gw_err *e)
{
    GW_SCOPE(a);
    const char *const path = gw_sqlite_path(a, url);
    (void)c;
    if (gw_sqlite_path_is_memory(path))
        return GODWIT_OK;
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0) {
        close(fd);
        return GODWIT_OK;
    }
    const int number = errno;
    struct stat st;
    if (number == EEXIST && stat(path, &st) != 0) {
        gw_fail(e, GODWIT_IO, "cannot create %s: it is a symbolic link that leads nowhere", path);
        return gw_err_hint(e, "remove the link, or create the file that it leads to");
    }
    if (number == EEXIST)
        return GODWIT_OK;
    gw_fail(e, GODWIT_IO, "cannot create %s: %s", path, strerror(number));
    return number == ENOENT ? gw_err_hint(e, "its folder does not exist: create that first") : e->rc;
}

/* Between two steps of a migration its runner has no lock of SQLite's. What is claimed here goes when c is closed. */
static gw_rc
refuse_claimed(gw_arena *a, gw_conn *c, gw_err *e)
{
    bool taken = false;
    gw_lock_holder holder = {0};
    GW_TRY(gw_sqlite_claim(c, &taken, e));
    if (taken)
        return GODWIT_OK;
    GW_TRY(gw_sqlite_lock_holder(a, c, "", &holder, e));
    gw_sqlite_refuse(e, GODWIT_LOCKED, SQLITE_BUSY, "a migration of %s is under way: %s", c->facts.database,
                     holder.who == NULL ? "another process" : holder.who);
    return gw_err_hint(e, "wait for its end, or end that process");
}

/* Nobody else may have it open: WAL ends only then, and the exclusive lock excludes what is left. A damaged file may go as it is. */
static gw_rc
seize(gw_conn *conn, gw_err *e)
{
    enum { WAIT_MS = 1000, PRIMARY = 0xFF };
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    gw_err refused = {0};
    gw_rc rc = gw_sqlite_exec_within(c, "PRAGMA journal_mode = DELETE", WAIT_MS, &refused);
    if (rc == GODWIT_OK)
        rc = gw_sqlite_exec_within(c, "BEGIN EXCLUSIVE", WAIT_MS, &refused);
    if (rc == GODWIT_OK || (sqlite3_errcode(c->db) & PRIMARY) == SQLITE_CORRUPT)
        return GODWIT_OK;
    if (refused.transient)
        return gw_sqlite_fail_locked(c->path, e);
    *e = refused;
    return rc;
}

/* The database first: what is left after a crash in between belongs to nothing. */
static gw_rc
delete_files(gw_arena *a, const char *path, gw_err *e)
{
    static const char *const companions[] = {"-journal", "-wal", "-shm"};
    if (unlink(path) != 0 && errno != ENOENT)
        return gw_fail(e, GODWIT_IO, "cannot delete %s: %s", path, strerror(errno));
    for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
        const char *const name = gw_printf(a, "%s%s", path, companions[i]);
        if (unlink(name) != 0 && errno != ENOENT)
            return gw_fail(e, GODWIT_IO, "cannot delete %s: %s", name, strerror(errno));
    }
    return GODWIT_OK;
}

gw_rc
gw_sqlite_file_drop(gw_conn *c, const gw_url *url, gw_err *e)
{
    GW_SCOPE(a);
    gw_conn *own = NULL;
    gw_err opening = {0};
    const gw_open_params p = {.url = url, .connect_timeout_ms = 1000};
    (void)c;
    if (gw_sqlite_path_is_memory(url->database))
        return GODWIT_OK;
    const gw_rc rc = gw_sqlite_open(a, &p, &own, &opening);
    if (gw_sqlite_is_missing(&opening))
        return GODWIT_OK;
    if (rc == GODWIT_CONNECT && gw_str_is(gw_str_of(opening.code), "26")) {
        gw_fail(e, GODWIT_REFUSED, "%s is not an SQLite database; it was not deleted", url->database);
        return gw_err_hint(e, "look at the file; if it may go, delete it by hand");
    }
    if (rc != GODWIT_OK) {
        *e = opening;
        return rc;
    }
    GW_TRY(refuse_claimed(a, own, e));
    GW_TRY(seize(own, e));
    return delete_files(a, own->facts.database, e);
}
