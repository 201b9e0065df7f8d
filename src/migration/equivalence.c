#include "migration/equivalence.h"

#include <string.h>

#include "migration/likeness.h"

static gw_rc
fail_difference(const gw_side *made, const gw_ways *one, gw_way way, const gw_difference *d, gw_err *e)
{
    static const char *const ways[] = {"way up", "way down", "verify script"};
    const gw_script *const s = &one->scripts[way];
    const gw_layout *const to = made->folder->layout;
    if (d->statement == SIZE_MAX)
        (void)gw_fail(e, GODWIT_FOLDER, "the %s of %s cannot be said in the layout %s: %s would be another", ways[way],
                      s->path, to->name, d->what);
    else
        (void)gw_fail(e, GODWIT_FOLDER, "statement %zu of the %s cannot be said in the layout %s: %s would be another",
                      d->statement + 1, ways[way], to->name, d->what);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(s->path));
    if (d->statement != SIZE_MAX)
        (void)gw_err_at(e, s->path, s->expanded == NULL ? s->text : s->expanded->source,
                        gw_expanded_from(s->expanded, s->stmts.at[d->statement].offset));
    return gw_err_hint(e, "write it so that both layouts say the same, or convert to another one");
}

/* The line of the source that is the same as the one that the error is about. */
static bool
find_line(gw_arena *a, const gw_side *from, const gw_file *file, gw_str line, gw_err *e)
{
    for (size_t way = 0; way < GW_WAY_COUNT; way++) {
        gw_str text;
        gw_err unsaid = {0};
        const char *const path = gw_ways_path(file, (gw_way)way);
        if (path == NULL || gw_ways_text(a, from, path, &text, &unsaid) != GODWIT_OK || text.len == 0)
            continue;
        const char *const hit = memmem(text.ptr, text.len, line.ptr, line.len);
        if (hit == NULL)
            continue;
        const size_t within = e->caret > 0 ? e->caret - 1 : 0;
        (void)gw_err_at(e, path, text, (size_t)(hit - text.ptr) + (within < line.len ? within : 0));
        return true;
    }
    return false;
}

/* What cannot be read again is shown where it came from. */
static gw_rc
fail_reading(gw_arena *a, const gw_conversion_params *p, const gw_conversion *c, const gw_tree *made, gw_err *e)
{
    const gw_str line = gw_str_of(gw_text(a, e->excerpt));
    (void)gw_err_note(e, "read again as the layout %s", p->to->name);
    for (size_t i = 0; line.len > 0 && i < c->origins.len; i++)
        if (strcmp(e->path, gw_path_join(a, made->path, c->files.at[i].file)) == 0 &&
            find_line(a, &p->from, c->origins.at[i], line, e))
            break;
    return gw_err_hint(e, "write it otherwise, or convert to another layout");
}

static gw_rc
check_one(gw_arena *a, const gw_conversion_params *p, const gw_side *made, const gw_file *file, const gw_file *other,
          gw_err *e)
{
    gw_ways one, again;
    GW_TRY(gw_ways_read(a, &p->from, file, &one, e));
    GW_TRY(gw_ways_read(a, made, other, &again, e));
    gw_ways_drop(&one, p->without);
    if (one.kind != again.kind)
        return fail_difference(made, &one, GW_WAY_UP, &(gw_difference){"its kind", SIZE_MAX}, e);
    for (size_t way = 0; way < GW_WAY_COUNT; way++) {
        if (one.is_there[way] != again.is_there[way])
            return fail_difference(made, &one, (gw_way)way, &(gw_difference){"whether it is there", SIZE_MAX}, e);
        if (!one.is_there[way])
            continue;
        const gw_difference d = gw_likeness(a, &one.scripts[way], &again.scripts[way]);
        if (d.what != NULL)
            return fail_difference(made, &one, (gw_way)way, &d, e);
    }
    return GODWIT_OK;
}

static gw_rc
fail_order(const gw_side *made, const gw_file *file, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s would come at another place in the layout %s", file->path,
                  made->folder->layout->name);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(file->path));
    return gw_err_hint(e, "give it another name, or convert to another layout");
}

/* Those of the source that are not left out, one after the other. */
static gw_rc
check_all(const gw_conversion_params *p, const gw_conversion *c, const gw_side *made, gw_err *e)
{
    size_t at = 0;
    for (size_t i = 0; i < p->from.folder->files.len; i++) {
        GW_SCOPE(scratch);
        const gw_file *const file = &p->from.folder->files.at[i];
        if (c->left_out[i])
            continue;
        if (at == made->folder->files.len)
            return fail_order(made, file, e);
        GW_TRY(check_one(scratch, p, made, file, &made->folder->files.at[at++], e));
    }
    return at == made->folder->files.len ? GODWIT_OK : fail_order(made, &p->from.folder->files.at[0], e);
}

gw_rc
gw_equivalence_check(gw_arena *a, const gw_conversion_params *p, const gw_conversion *c, const gw_tree *made, gw_err *e)
{
    gw_folder folder;
    const gw_folder_params fp = {.path = made->path, .layout = p->to->name, .allow_gaps = p->allow_gaps};
    gw_side other = p->from;
    other.tree = made;
    other.folder = &folder;
    gw_rc rc = gw_folder_arrange(a, &fp, made, &folder, e);
    if (rc == GODWIT_OK && p->to->fits != NULL)
        rc = p->to->fits(a, made, p->from.dialect.kind, e);
    if (rc == GODWIT_OK)
        rc = check_all(p, c, &other, e);
    const bool is_of_made = strncmp(e->path, made->path, strlen(made->path)) == 0 && e->path[strlen(made->path)] == '/';
    return rc == GODWIT_OK || !is_of_made ? rc : fail_reading(a, p, c, made, e);
}
