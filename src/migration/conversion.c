#include "migration/conversion.h"

#include <string.h>

#include "base/map.h"
#include "migration/likeness.h"
#include "migration/rewrite.h"
#include "migration/version.h"

/* ---- parts ---- */

static const struct {
    const char *name, *what;
    gw_layout_part part;
} parts[] = {{"down", "a way down", GW_PART_DOWN},
             {"verify", "a verify script", GW_PART_VERIFY},
             {"repeatable", "a repeatable migration", GW_PART_REPEATABLE},
             {"checkpoint", "a checkpoint", GW_PART_CHECKPOINT}};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

const char *const gw_conversion_part_names = "down, verify, repeatable, checkpoint";

unsigned
gw_conversion_parts(gw_str list, gw_str *wrong)
{
    unsigned found = 0;
    *wrong = (gw_str){0};
    while (list.len > 0) {
        const gw_str word = gw_str_trim(gw_str_cut(list, ',', &list));
        unsigned one = 0;
        for (size_t i = 0; i < PARTS; i++)
            one |= gw_str_is(word, parts[i].name) ? parts[i].part : 0;
        if (one == 0 && wrong->ptr == NULL)
            *wrong = word;
        found |= one;
    }
    return found;
}

/* ---- what has no place ---- */

static gw_rc
fail_part(const gw_conversion_params *p, const gw_file *file, size_t part, gw_err *e)
{
    const char *const path = part == 0 ? file->down_path : part == 1 ? file->verify_path : file->path;
    (void)gw_fail(e, GODWIT_FOLDER, "the layout %s has no place for %s: %s", p->to->name, parts[part].what, path);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(path));
    return gw_err_hint(e, "convert without such: --without %s", parts[part].name);
}

typedef struct making {
    gw_arena *arena;
    const gw_conversion_params *p;
    gw_conversion *out;
    const gw_called *called;
    gw_layout_new *all; /* what was made */
    size_t count;
    gw_layout_file before; /* the up file of the one before it; no name: there is none */
    gw_map *names;         /* file → the source's path */
    size_t left_out[PARTS];
} making;

/* What comes before it may be gone: then it is all that there is. */
static gw_rc
check_checkpoint(const making *m, size_t index, gw_err *e)
{
    const gw_files *const files = &m->p->from.folder->files;
    for (size_t i = 0; i < index; i++)
        if (!m->out->left_out[i])
            return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "%s cannot be left out: nothing of what it stands for is in the folder",
                  files->at[index].path);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(files->at[index].path));
    return gw_err_hint(e, "convert to a layout with checkpoints, or make it a migration like others: take the "
                          "directive out");
}

static gw_rc
leave_out(making *m, size_t index, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_ways one;
    GW_TRY(gw_ways_read(scratch, &m->p->from, &m->p->from.folder->files.at[index], &one, e));
    const unsigned has = gw_ways_parts(&one);
    for (size_t i = 0; i < PARTS; i++) {
        const bool is_left_out = (has & m->p->without & parts[i].part) != 0;
        m->left_out[i] += is_left_out;
        if (!is_left_out && (has & ~m->p->to->parts & parts[i].part) != 0)
            return fail_part(m->p, one.file, i, e);
    }
    m->out->left_out[index] = (has & m->p->without & (GW_PART_REPEATABLE | GW_PART_CHECKPOINT)) != 0;
    return m->out->left_out[index] && one.kind == GW_FILE_CHECKPOINT ? check_checkpoint(m, index, e) : GODWIT_OK;
}

/* ---- texts ---- */

/* A tool that cuts ways down at semicolons, and has no word for another delimiter there. */
static gw_rc
check_semicolons(const making *m, const gw_script *s, gw_err *e)
{
    const size_t i = gw_rewrite_cut(s);
    if (m->p->to->dress == NULL || !m->p->to->dress->has_delimiter || i == SIZE_MAX)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "the layout %s would cut this statement at its semicolons", m->p->to->name);
    (void)gw_err_at(e, s->path, s->expanded == NULL ? s->text : s->expanded->source,
                    gw_expanded_from(s->expanded, s->stmts.at[i].offset));
    return gw_err_hint(e, "write the way down without such statements, or convert without ways down: --without down");
}

/* Read by itself, without a layout: the same statements? */
static bool
stands_by_itself(const gw_conversion_params *p, const gw_script *s, gw_str text)
{
    GW_SCOPE(scratch);
    gw_script again;
    gw_err unsaid = {0};
    return gw_ways_alone(scratch, &p->from, text, s->units.len == 0, &again, &unsaid) == GODWIT_OK &&
           gw_likeness(scratch, s, &again).what == NULL;
}

static gw_rc
write_way(making *m, const gw_ways *one, gw_way way, gw_tx_mode tx, gw_layout_new *out, gw_str *text, gw_err *e)
{
    const gw_dress *const dress = m->p->to->dress;
    const gw_script *const s = &one->scripts[way];
    gw_rewrite_params rp = {.script = s,
                            .from = m->p->from.folder->layout,
                            .to = m->p->to,
                            .prefixes = m->p->from.prefixes,
                            .tx = tx,
                            .is_check = way == GW_WAY_VERIFY};
    rp.is_checkpoint = way == GW_WAY_UP && one->kind == GW_FILE_CHECKPOINT && m->p->to->index == NULL;
    if (way == GW_WAY_DOWN)
        GW_TRY(check_semicolons(m, s, e));
    if (way == GW_WAY_UP && dress != NULL && dress->has_delimiter && gw_rewrite_cut(s) != SIZE_MAX)
        out->delimiter = rp.delimiter = gw_rewrite_delimiter(s);
    GW_TRY(gw_rewrite(m->arena, &rp, text, e));
    if (dress == NULL || dress->delimiter == NULL || stands_by_itself(m->p, s, *text))
        return GODWIT_OK;
    rp.delimiter = gw_rewrite_delimiter(s);
    return gw_rewrite(m->arena, &rp, text, e);
}

/* What a directive is to say of its transaction, and what the marks are. */
static gw_tx_mode
tx_of(const gw_layout *to, const gw_ways *one, gw_way way, gw_tx_mode marks[GW_WAY_COUNT])
{
    const gw_script *const s = &one->scripts[way];
    const bool is_loose = one->is_there[way] && gw_rewrite_is_loose(s);
    const bool has_own = to->dress != NULL && to->dress->no_tx != NULL;
    if (to->tx_mark <= GW_TX_MARK_NONE)
        return is_loose && has_own ? GW_TX_NONE : s->file_rules.tx;
    if (to->tx_mark == GW_TX_MARK_WAY)
        marks[way] = is_loose ? GW_TX_NONE : GW_TX_AUTO;
    else if (gw_rewrite_is_loose(&one->scripts[GW_WAY_UP]) || gw_rewrite_is_loose(&one->scripts[GW_WAY_DOWN]))
        marks[way] = GW_TX_NONE;
    return marks[way] == GW_TX_NONE && !is_loose ? GW_TX_FILE
           : s->file_rules.tx == GW_TX_FILE      ? GW_TX_FILE
                                                 : GW_TX_AUTO;
}

static gw_rc
add_files(making *m, const gw_ways *one, const gw_layout_files *files, gw_err *e)
{
    for (size_t i = 0; i < files->len; i++) {
        const char *const other = gw_map_get(m->names, gw_str_of(files->at[i].file));
        if (other != NULL) {
            (void)gw_fail(e, GODWIT_FOLDER, "%s and %s would both be %s", other, one->file->path, files->at[i].file);
            gw_err_copy(e->path, sizeof(e->path), gw_str_of(one->file->path));
            return gw_err_hint(e, "give one of them another name");
        }
        gw_map_put(m->names, gw_str_of(files->at[i].file), (void *)(uintptr_t)one->file->path);
        *gw_vec_push(m->arena, &m->out->files) = files->at[i];
        *gw_vec_push(m->arena, &m->out->origins) = one->file;
    }
    if (one->kind != GW_FILE_REPEATABLE)
        m->before = files->at[0];
    return GODWIT_OK;
}

/* Its own tool will fail there. */
static void
note_loose(making *m, const gw_ways *one)
{
    for (size_t way = 0; way <= GW_WAY_DOWN; way++)
        if (m->p->to->tx_mark == GW_TX_MARK_NONE && one->is_there[way] && gw_rewrite_is_loose(&one->scripts[way]))
            *gw_vec_push(m->arena, &m->out->notes) = gw_printf(
                m->arena, "%s runs outside of a transaction, for which %s has no word: only godwit runs it so",
                one->scripts[way].path, m->p->to->name);
}

static gw_rc
make_one(making *m, size_t index, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_ways one;
    gw_layout_files files = {0};
    gw_layout_new new = {.before = m->before.file == NULL ? NULL : &m->before,
                         .version = m->called[index].version,
                         .name = m->called[index].name,
                         .now_ms = m->p->now_ms};
    gw_str *const texts[GW_WAY_COUNT] = {
        [GW_WAY_UP] = &new.up, [GW_WAY_DOWN] = &new.down, [GW_WAY_VERIFY] = &new.verify};
    GW_TRY(gw_ways_read(scratch, &m->p->from, &m->p->from.folder->files.at[index], &one, e));
    gw_ways_drop(&one, m->p->without);
    new.kind = one.kind;
    for (size_t way = 0; way < GW_WAY_COUNT; way++)
        if (one.is_there[way]) {
            const gw_tx_mode tx = way == GW_WAY_VERIFY ? GW_TX_AUTO : tx_of(m->p->to, &one, (gw_way)way, new.tx);
            GW_TRY(write_way(m, &one, (gw_way)way, tx, &new, texts[way], e));
        }
    GW_TRY(m->p->to->make(m->arena, m->p->to, &new, &files, e));
    m->all[m->count] = new;
    m->all[m->count++].before = NULL;
    if (m->called[index].is_new)
        *gw_vec_push(m->arena, &m->out->notes) = gw_printf(m->arena, "%s is %s now: its version was %s", one.file->path,
                                                           files.at[0].file, one.file->version);
    note_loose(m, &one);
    return add_files(m, &one, &files, e);
}

static void
note_parts(making *m)
{
    for (size_t i = 0; i < PARTS; i++)
        if (m->left_out[i] > 0)
            *gw_vec_push(m->arena, &m->out->notes) =
                gw_printf(m->arena, "left out: %zu × %s", m->left_out[i], parts[i].what);
}

gw_rc
gw_conversion_make(gw_arena *a, const gw_conversion_params *p, gw_conversion *out, gw_err *e)
{
    const size_t count = p->from.folder->files.len;
    making m = {.arena = a, .p = p, .out = out, .names = gw_map_new(a)};
    *out = (gw_conversion){.left_out = gw_new_array(a, bool, count)};
    for (size_t i = 0; i < count; i++)
        GW_TRY(leave_out(&m, i, e));
    m.called = gw_renumber(a, &(gw_renumber_params){p->from.folder, out->left_out, p->to, p->allow_gaps});
    m.all = gw_new_array(a, gw_layout_new, count);
    for (size_t i = 0; i < count; i++)
        if (!out->left_out[i])
            GW_TRY(make_one(&m, i, e));
    note_parts(&m);
    if (p->to->index != NULL)
        p->to->index(a, &(gw_layout_index){m.all, m.count, p->from.dialect.kind, p->project}, &out->files);
    return GODWIT_OK;
}
