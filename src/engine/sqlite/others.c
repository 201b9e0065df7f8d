#include "engine/sqlite/others.h"

#include <string.h>

#include "engine/sqlite/ask.h"

/* False: this SQLite does not know. */
static bool
read_number(const gw_sqlite_conn *c, unsigned *out)
{
    return sqlite3_file_control(c->db, "main", SQLITE_FCNTL_DATA_VERSION, out) == SQLITE_OK;
}

static bool
keep_version(void *ctx, size_t columns, const char *const *values)
{
    char *const version = ctx;
    if (columns == 1 && values[0] != NULL)
        gw_err_copy(version, sizeof(((gw_sqlite_others *)0)->version), gw_str_of(values[0]));
    return false;
}

/* "": nobody can tell, as when somebody has the whole file locked: that is not waited for. */
static void
ask(gw_sqlite_conn *c, char *version)
{
    version[0] = '\0';
    gw_sqlite_wait_begin(&c->wait, 0, false);
    if (gw_sqlite_ask(c, "PRAGMA data_version", keep_version, version) != SQLITE_OK)
        version[0] = '\0';
}

void
gw_sqlite_others_opened(gw_sqlite_conn *c)
{
    c->others.have_been = !read_number(c, &c->others.opened);
    c->others.is_due = c->may_write;
}

void
gw_sqlite_others_prepare(gw_sqlite_conn *c)
{
    gw_sqlite_others *const o = &c->others;
    unsigned now = 0;
    if (!o->is_due)
        return;
    o->is_due = false;
    ask(c, o->version);
    o->have_been |= o->version[0] == '\0' || !read_number(c, &now) || now != o->opened;
}

bool
gw_sqlite_others_have_been(gw_sqlite_conn *c)
{
    gw_sqlite_others *const o = &c->others;
    char now[sizeof(o->version)];
    if (o->have_been)
        return true;
    ask(c, now);
    o->have_been = strcmp(now, o->version) != 0;
    return o->have_been;
}
