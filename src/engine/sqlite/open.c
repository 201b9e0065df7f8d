#include "engine/sqlite/open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "engine/sqlite/claim.h"
#include "engine/sqlite/error.h"
#include "engine/sqlite/others.h"
#include "engine/sqlite/path.h"
#include "engine/sqlite/session.h"
#include "engine/sqlite/statement.h"

static const char *const modes[] = {"ro", "rw", "rwc"};

static gw_rc
read_mode(const gw_url *url, bool *may_write, gw_err *e)
{
    const char *const mode = gw_url_param_get(url, "mode");
    for (size_t i = 0; i < url->params.len; i++)
        if (strcmp(url->params.at[i].name, "mode") != 0) {
            gw_fail(e, GODWIT_USAGE, "the URL parameter '%s' means nothing to SQLite", url->params.at[i].name);
            return gw_err_hint(e, "there is one: mode=ro, mode=rw");
        }
    *may_write = mode == NULL || strcmp(mode, "ro") != 0;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        if (mode == NULL || strcmp(mode, modes[i]) == 0)
            return GODWIT_OK;
    gw_fail(e, GODWIT_USAGE, "the URL parameter mode=%s means nothing to godwit", mode);
    return gw_err_hint(e, "say mode=ro or mode=rw; for a database in memory sqlite::memory:");
}

/* SQLite's own words are the same for everything that can be wrong with a file. */
static gw_rc
check_file(const char *path, gw_err *e)
{
    struct stat st;
    if (gw_sqlite_path_is_memory(path))
        return GODWIT_OK;
    if (stat(path, &st) != 0) {
        const int number = errno;
        if (number != ENOENT)
            return gw_sqlite_refuse(e, GODWIT_CONNECT, number == EACCES ? SQLITE_PERM : SQLITE_CANTOPEN_FULLPATH,
                                    "cannot open database %s: %s", path, strerror(number));
        gw_sqlite_refuse(e, GODWIT_CONNECT, SQLITE_CANTOPEN, "database %s does not exist", path);
        return gw_err_hint(e, "`godwit up` creates it, and so does `godwit db create`");
    }
    if (S_ISDIR(st.st_mode))
        return gw_sqlite_refuse(e, GODWIT_CONNECT, SQLITE_CANTOPEN_ISDIR, "cannot open database %s: it is a folder",
                                path);
    if (!S_ISREG(st.st_mode))
        return gw_sqlite_refuse(e, GODWIT_CONNECT, SQLITE_NOTADB, "cannot open database %s: it is not a file", path);
    return GODWIT_OK;
}

static void
close_conn(void *subject)
{
    gw_sqlite_conn *const c = subject;
    gw_sqlite_kept_end(&c->kept);
    sqlite3_close(c->db);
    gw_sqlite_unclaim(&c->base);
}

/* What fails while opening is a failure to connect; who has it locked is told. */
static gw_rc
as_connect(gw_sqlite_conn *c, gw_rc rc, gw_err *e)
{
    if (rc == GODWIT_OK)
        return rc;
    if (e->transient) {
        *e = (gw_err){0};
        return gw_sqlite_fail_locked(c->path, e);
    }
    gw_err_note(e, "while opening %s", c->path);
    if (gw_str_is(gw_str_of(e->code),
                  "14")) /* means that the file is missing, see gw_sqlite_is_missing(); and it is there */
        gw_err_copy(e->code, sizeof(e->code), GW_STR_LIT("3"));
    if (e->rc == GODWIT_FAILED)
        e->rc = GODWIT_CONNECT;
    return e->rc;
}

/* Without a mutex: one thread uses it, and sqlite3_interrupt() needs none. */
static gw_rc
open_file(gw_arena *a, gw_sqlite_conn *c, const char *path, bool may_write, gw_err *e)
{
    const int flags = (may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    c->path = path;
    const int rc = sqlite3_open_v2(path, &c->db, flags, NULL);
    gw_defer(a, close_conn, c);
    if (rc != SQLITE_OK)
        return as_connect(c, gw_sqlite_fail(c, e), e);
    const char *const full = sqlite3_db_filename(c->db, "main");
    c->path = full == NULL || full[0] == '\0' ? ":memory:" : gw_text(a, full);
    c->wait.path = c->path;
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_handler(c->db, gw_sqlite_wait_on, &c->wait);
    return GODWIT_OK;
}

static int64_t
ms_to_wait(const gw_open_params *p)
{
    const int64_t left = p->until_ms - gw_clock_ms();
    return p->until_ms == 0 || left > p->lock_wait_ms ? p->lock_wait_ms : left;
}

/* SQLite looks at the file when the first statement wants it: the caller's, or the least that there is. A writer may have it
 * locked for as long as its transaction lasts, and is waited for as in begin(). */
static gw_rc
look(gw_sqlite_conn *c, const gw_open_params *p, gw_err *e)
{
    const char *const sql = p->first == NULL ? "PRAGMA schema_version" : p->first;
    const int64_t lock_timeout_ms = c->lock_timeout_ms;
    c->lock_timeout_ms = ms_to_wait(p);
    c->wait.interrupt = p->interrupt;
    gw_err failure = {0};
    gw_rc rc = gw_sqlite_query(c, gw_str_of(sql), NULL, 0, p->first_fn, p->first_ctx, &failure);
    if (sqlite3_errcode(c->db) == SQLITE_ERROR && p->otherwise != NULL)
        rc = gw_sqlite_query(c, gw_str_of(p->otherwise), NULL, 0, p->first_fn, p->first_ctx, e);
    else
        *e = failure;
    c->lock_timeout_ms = lock_timeout_ms;
    c->wait.interrupt = NULL;
    return rc;
}

/* A file that is only read is opened like any other and then kept from writing: SQLite opened for reading leaves -wal and -shm files
 * beside a database in WAL mode, and cannot read one that a crash left with a journal. */
static gw_rc
begin_session(gw_arena *a, gw_sqlite_conn *c, const gw_open_params *p, gw_err *e)
{
    GW_TRY(look(c, p, e));
    gw_sqlite_others_opened(c);
    if (p->read_only)
        GW_TRY(gw_sqlite_exec_within(c, "PRAGMA query_only = ON", 0, e));
    return gw_sqlite_session_begin(a, c, e);
}

gw_rc
gw_sqlite_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    bool may_write = false;
    GW_TRY(gw_sqlite_library_load(p->owns_process, e));
    GW_TRY(read_mode(p->url, &may_write, e));
    const char *const path = gw_sqlite_path(a, p->url);
    GW_TRY(check_file(path, e));
    gw_sqlite_conn *const c = gw_new(a, gw_sqlite_conn);
    c->claim = -1;
    c->lock_wait_ms = p->lock_wait_ms;
    c->initial_lock_timeout_ms = p->lock_timeout_ms > 0 ? p->lock_timeout_ms : GW_SQLITE_LOCK_TIMEOUT_MS;
    c->lock_timeout_ms = c->initial_lock_timeout_ms;
    c->wait.notice = p->notice;
    c->wait.notice_ctx = p->notice_ctx;
    GW_TRY(open_file(a, c, path, may_write, e));
    c->base.facts = (gw_facts){
        .product = "SQLite",
        .version = sqlite3_libversion(),
        .database = c->path,
        .schema = "main",
        .user = "",
        .place = "",
        .read_only = sqlite3_db_readonly(c->db, "main") == 1,
        .atomic_ddl = true,
        .dialect = {.kind = GW_DIALECT_SQLITE},
    };
    c->may_write = may_write && !p->read_only;
    GW_TRY(as_connect(c, begin_session(a, c, p, e), e));
    *out = &c->base;
    return GODWIT_OK;
}

bool
gw_sqlite_is_missing(const gw_err *e)
{
    return e->rc == GODWIT_CONNECT && gw_str_is(gw_str_of(e->code), "14");
}
