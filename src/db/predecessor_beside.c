#include "db/predecessor_beside.h"

#include <string.h>

#include "base/file.h"
#include "db/predecessor_text.h"

#define BESIDE "sqitch"

typedef struct answer {
    gw_arena *a;
    const char *file; /* NULL: no row */
} answer;

static bool
take_file(void *ctx, size_t columns, const char *const *v)
{
    answer *const out = ctx;
    (void)columns;
    out->file = gw_text(out->a, v[0]);
    return false;
}

/* "sqitch" with what the name of the database ends in. */
static const char *
file_beside(gw_arena *a, const char *database)
{
    const char *const slash = strrchr(database, '/');
    const char *const base = slash == NULL ? database : slash + 1;
    const char *const dot = strrchr(base, '.');
    return gw_printf(a, "%.*s" BESIDE "%s", (int)(base - database), database, dot == NULL ? "" : dot);
}

gw_rc
gw_predecessor_attach(gw_arena *a, gw_conn *c, const char **schema, gw_err *e)
{
    answer found = {.a = a};
    const gw_adopt_texts *const texts = &c->engine->adopt;
    *schema = NULL;
    if (texts->file == NULL)
        return GODWIT_OK;
    GW_TRY(c->engine->query(c, texts->file, NULL, 0, take_file, &found, e));
    const char *const path = found.file == NULL || found.file[0] == '\0' ? "" : file_beside(a, found.file);
    if (gw_path_is(path) != GW_PATH_FILE)
        return GODWIT_OK;
    const char *const sql = gw_put_in(a, texts->attach, "{file}", gw_string_text(a, path, c->facts.dialect));
    if (c->engine->exec(c, gw_str_of(gw_put_in(a, sql, "{schema}", BESIDE)), e) != GODWIT_OK)
        return gw_err_note(e, "while attaching %s", path);
    *schema = BESIDE;
    return GODWIT_OK;
}

gw_rc
gw_predecessor_detach(gw_conn *c, gw_err *e)
{
    GW_SCOPE(a);
    return c->engine->exec(c, gw_str_of(gw_put_in(a, c->engine->adopt.detach, "{schema}", BESIDE)), e);
}

bool
gw_predecessor_is_beside(const gw_conn *c, const char *schema)
{
    return c->engine->adopt.file != NULL && strcmp(schema, BESIDE) == 0;
}
