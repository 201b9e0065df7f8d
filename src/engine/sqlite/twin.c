#include "engine/sqlite/twin.h"

#include <assert.h>
#include <sys/stat.h>

#include "engine/sqlite/ask.h"

typedef struct twin {
    gw_arena *a;
    struct stat own;
    const char *name;
} twin;

static bool
compare_file(void *ctx, size_t columns, const char *const *values)
{
    twin *const t = ctx;
    struct stat st;
    (void)columns;
    assert(columns == 2);
    if (values[1] != NULL && stat(values[1], &st) == 0 && st.st_dev == t->own.st_dev && st.st_ino == t->own.st_ino)
        t->name = gw_text(t->a, values[0]);
    return t->name == NULL;
}

const char *
gw_sqlite_twin(gw_arena *a, gw_sqlite_conn *c)
{
    twin t = {.a = a};
    static const char sql[] = "SELECT name, file FROM pragma_database_list WHERE name NOT IN ('main', 'temp')";
    if (!c->session.attached || stat(c->path, &t.own) != 0 || gw_sqlite_ask(c, sql, compare_file, &t) != SQLITE_OK)
        return NULL;
    return t.name;
}
