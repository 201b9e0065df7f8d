#include "migration/ways.h"

#include <string.h>

#include "migration/marks.h"

/* Where variables are expanded both sides have the same: their own names. */
static const char *
get_variable(const void *ctx, gw_str name)
{
    return gw_strdup((gw_arena *)(uintptr_t)ctx, name);
}

const char *
gw_ways_path(const gw_file *file, gw_way way)
{
    return way == GW_WAY_UP ? file->path : way == GW_WAY_DOWN ? file->down_path : file->verify_path;
}

gw_rc
gw_ways_text(gw_arena *a, const gw_side *s, const char *path, gw_str *out, gw_err *e)
{
    const char *below = path + strlen(s->folder->path);
    below += strspn(below, "/");
    return s->tree->read(s->tree, a, below, out, e);
}

static gw_script_params
params_of(gw_arena *a, const gw_side *s, const char *path)
{
    return (gw_script_params){.path = path,
                              .checksum = "",
                              .dialect = s->dialect,
                              .variables = {get_variable, a},
                              .prefixes = s->prefixes,
                              .any_bytes = s->any_bytes,
                              .allow_empty = true};
}

static gw_rc
read_way(gw_arena *a, const gw_side *s, const gw_file *file, gw_way way, gw_ways *out, gw_err *e)
{
    gw_frame_fn *const fn = way == GW_WAY_VERIFY && s->folder->layout->both_ways ? NULL : s->folder->layout->frame;
    gw_script_params p = params_of(a, s, gw_ways_path(file, way));
    p.frame = fn;
    p.down = way == GW_WAY_DOWN;
    p.section = file->section;
    p.is_literal = file->is_literal;
    p.tx = way == GW_WAY_VERIFY ? GW_TX_AUTO : file->tx;
    p.is_check = way == GW_WAY_VERIFY;
    gw_frame f;
    if (p.path == NULL)
        return GODWIT_OK;
    GW_TRY(gw_ways_text(a, s, p.path, &p.text, e));
    const gw_frame_params fp = {p.path, p.text, p.down, p.section, p.is_literal, &p.dialect};
    GW_TRY(gw_frame_read(a, fn, &fp, &f, e));
    const gw_marking *const marking = s->folder->layout->marking;
    const bool is_only_mark = p.down && marking != NULL && marking->needs_down && gw_str_trim(f.text).len == 0;
    out->is_there[way] = f.is_there && !is_only_mark;
    return out->is_there[way] ? gw_script_read(a, &p, &out->scripts[way], e) : GODWIT_OK;
}

gw_rc
gw_ways_read(gw_arena *a, const gw_side *s, const gw_file *file, gw_ways *out, gw_err *e)
{
    *out = (gw_ways){.file = file, .kind = file->kind};
    for (size_t way = 0; way < GW_WAY_COUNT; way++)
        GW_TRY(read_way(a, s, file, (gw_way)way, out, e));
    if (out->kind == GW_FILE_VERSIONED && out->scripts[GW_WAY_UP].file_rules.checkpoint)
        out->kind = GW_FILE_CHECKPOINT;
    return GODWIT_OK;
}

/* What is left out of it. */
void
gw_ways_drop(gw_ways *w, unsigned parts)
{
    static const unsigned by_way[GW_WAY_COUNT] = {[GW_WAY_DOWN] = GW_PART_DOWN, [GW_WAY_VERIFY] = GW_PART_VERIFY};
    for (size_t way = 0; way < GW_WAY_COUNT; way++)
        if ((by_way[way] & parts) != 0) {
            w->is_there[way] = false;
            w->scripts[way] = (gw_script){0};
        }
}

unsigned
gw_ways_parts(const gw_ways *w)
{
    return (w->is_there[GW_WAY_DOWN] ? GW_PART_DOWN : 0U) | (w->is_there[GW_WAY_VERIFY] ? GW_PART_VERIFY : 0U) |
           (w->kind == GW_FILE_REPEATABLE ? GW_PART_REPEATABLE : 0U) |
           (w->kind == GW_FILE_CHECKPOINT ? GW_PART_CHECKPOINT : 0U);
}

gw_rc
gw_ways_alone(gw_arena *a, const gw_side *s, gw_str text, bool is_check, gw_script *out, gw_err *e)
{
    gw_script_params p = params_of(a, s, s->folder->path);
    p.text = text;
    p.is_check = is_check;
    return gw_script_read(a, &p, out, e);
}
