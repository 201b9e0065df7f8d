#include "engine/sqlite/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/holder.h"
#include "engine/sqlite/path.h"

/* Never through a symbolic link, and never waiting for the other end of a pipe. */
enum { FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

static const char *
path_of(gw_arena *a, const gw_sqlite_conn *c)
{
    return gw_printf(a, "%s%s", c->path, GW_SQLITE_CLAIM);
}

static gw_rc
fail_claim(const char *path, const char *what, int number, gw_err *e)
{
    (void)gw_fail(e, GODWIT_IO, "cannot %s %s: %s", what, path, strerror(number));
    return gw_err_hint(e,
                       "a migration of several steps keeps this file while it runs: the folder of the database must be "
                       "writable, as it must be for SQLite's own journal");
}

static gw_rc
refuse_foreign(const char *path, gw_err *e)
{
    (void)gw_fail(e, GODWIT_REFUSED, "%s is not a file of godwit's: it was not touched, and nothing was run", path);
    return gw_err_hint(
        e, "a migration of several steps keeps an empty file of that name while it runs: look at yours, and "
           "move it away");
}

/* Empty, as godwit makes it. */
static bool
is_ours(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

/* What is not opened: a link, a socket; or a name for which there is no room. */
static bool
is_in_the_way(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* ---- taking it ---- */

typedef enum attempt { TAKEN, TAKEN_BY_OTHERS, AGAIN, FAILED } attempt;

/* Is it still the file of that name? */
static bool
is_named(int fd, const char *path)
{
    struct stat own, named;
    return fstat(fd, &own) == 0 && lstat(path, &named) == 0 && own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

/* Others see by its time since when it is claimed. A file left of somebody else's claim that is not ours to touch goes. */
static bool
is_current(int fd, const char *path)
{
    return is_named(fd, path) && (futimens(fd, NULL) == 0 || unlink(path) != 0);
}

static attempt
try_claim(gw_sqlite_conn *c, const char *path, gw_err *e)
{
    const int fd = open(path, FLAGS | O_CREAT, 0644);
    if (fd < 0) {
        const int number = errno;
        (void)(is_in_the_way(path) ? refuse_foreign(path, e) : fail_claim(path, "create", number, e));
        return FAILED;
    }
    if (!is_ours(fd)) {
        close(fd);
        (void)refuse_foreign(path, e);
        return FAILED;
    }
    attempt end = AGAIN;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        end = is_current(fd, path) ? TAKEN : AGAIN;
    else if (errno == EWOULDBLOCK)
        end = TAKEN_BY_OTHERS;
    else if (errno != EINTR) {
        (void)fail_claim(path, "lock", errno, e);
        end = FAILED;
    }
    if (end == TAKEN)
        c->claim = fd;
    else
        close(fd);
    return end;
}

/* Whoever only asks for the holder has the file locked for a moment: look twice. */
gw_rc
gw_sqlite_claim(gw_conn *conn, bool *taken, gw_err *e)
{
    enum { LOOKS = 3, NAP_MS = 3 };
    GW_SCOPE(a);
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    const char *const path = path_of(a, c);
    *taken = c->claim >= 0 || gw_sqlite_path_is_memory(c->path);
    for (int looks = 0; !*taken && looks < LOOKS;) {
        switch (try_claim(c, path, e)) {
        case TAKEN:
            *taken = true;
            break;
        case TAKEN_BY_OTHERS:
            looks++;
            gw_sleep_ms(looks < LOOKS ? NAP_MS : 0);
            break;
        case AGAIN:
            break;
        case FAILED:
            return e->rc;
        }
    }
    return GODWIT_OK;
}

void
gw_sqlite_unclaim(gw_conn *conn)
{
    GW_SCOPE(a);
    gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    if (c->claim < 0)
        return;
    const char *const path = path_of(a, c);
    if (is_named(c->claim, path) && is_ours(c->claim)) /* nobody wrote into it meanwhile */
        (void)unlink(path);
    close(c->claim);
    c->claim = -1;
}

/* ---- asking ---- */

/* A shared lock is refused exactly while somebody has the claim: /proc/locks shows no process of another container. */
static bool
is_claimed(const gw_sqlite_conn *c, const char *path, time_t *since)
{
    struct stat st;
    const int fd = open(path, FLAGS);
    if (fd < 0)
        return false;
    const bool claimed = fstat(fd, &st) == 0 && is_ours(fd) &&
                         (c->claim >= 0 || (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK));
    *since = claimed ? st.st_mtime : 0;
    close(fd);
    return claimed;
}

static const char *
utc(gw_arena *a, time_t at)
{
    char text[32];
    struct tm day;
    if (gmtime_r(&at, &day) == NULL || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &day) == 0)
        return NULL;
    return gw_text(a, text);
}

gw_rc
gw_sqlite_lock_holder(gw_arena *a, gw_conn *conn, const char *key, gw_lock_holder *out, gw_err *e)
{
    const gw_sqlite_conn *const c = gw_sqlite_conn_of(conn);
    time_t since;
    (void)key;
    (void)e;
    *out = (gw_lock_holder){0};
    if (gw_sqlite_path_is_memory(c->path))
        return GODWIT_OK;
    if (!is_claimed(c, path_of(a, c), &since)) {
        out->who = gw_sqlite_writer(a, c->path);
        return GODWIT_OK;
    }
    const char *const who = gw_sqlite_claimer(a, path_of(a, c));
    out->who = who == NULL ? "another process" : who;
    out->since = utc(a, since);
    return GODWIT_OK;
}
