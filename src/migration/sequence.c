#include "migration/sequence.h"

#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "migration/version.h"
#include "sql/source.h"

/* ---- read ---- */

/* Of what is run one way: of a part its lines that are not blank, since the others may change (as gw_frame_checksum). NULL: it is not there. */
static gw_rc
digest(gw_arena *a, const gw_folder *folder, const gw_file *file, bool down, gw_str text, const char **out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_frame frame;
    const bool is_framed = !down || folder->layout->both_ways; /* a way down in a file of its own is all of it */
    const gw_frame_params p = {
        .path = down ? file->down_path : file->path,
        .text = text,
        .down = down,
        .section = file->section,
        .is_literal = file->is_literal,
    };
    GW_TRY(gw_frame_read(scratch, is_framed ? folder->layout->frame : NULL, &p, &frame, e));
    *out = NULL;
    if (!frame.is_there)
        return GODWIT_OK;
    gw_sha256 *const hash = gw_sha256_new(scratch);
    for (gw_str rest = frame.is_part ? frame.text : text; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (frame.is_part && gw_str_trim(line).len == 0)
            continue;
        gw_sha256_add(hash, gw_str_slice(line, 0, line.len - gw_str_ends(line, "\r")));
        gw_sha256_add(hash, GW_STR_LIT("\n"));
    }
    *out = gw_sha256_so_far(a, hash);
    return GODWIT_OK;
}

static gw_rc
read_step(gw_arena *a, const gw_folder *folder, const gw_file *file, gw_sequence_step *out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_str text;
    *out = (gw_sequence_step){
        .version = file->version,
        .name = file->name,
        .file = gw_folder_below(folder, file->path),
        .is_checkpoint = file->kind == GW_FILE_CHECKPOINT,
    };
    GW_TRY(gw_file_read(scratch, file->path, GW_SQL_FILE_CAP, &text, e));
    GW_TRY(digest(a, folder, file, false, text, &out->up, e));
    if (file->down_path == NULL)
        return GODWIT_OK;
    if (strcmp(file->down_path, file->path) != 0)
        GW_TRY(gw_file_read(scratch, file->down_path, GW_SQL_FILE_CAP, &text, e));
    GW_TRY(digest(a, folder, file, true, text, &out->down, e));
    out->down_file = out->down == NULL ? NULL : gw_folder_below(folder, file->down_path);
    return GODWIT_OK;
}

gw_rc
gw_sequence_read(gw_arena *a, const gw_folder *folder, gw_sequence *out, gw_err *e)
{
    *out = (gw_sequence){0};
    for (size_t i = 0; i < folder->files.len; i++)
        if (folder->files.at[i].kind != GW_FILE_REPEATABLE)
            GW_TRY(read_step(a, folder, &folder->files.at[i], gw_vec_push(a, out), e));
    return GODWIT_OK;
}

/* ---- compare ---- */

/* Each by its version. */
typedef struct sides {
    const gw_sequence_params *p;
    gw_map *common, *tip, *now;
} sides;

static gw_map *
by_version(gw_arena *a, const gw_sequence *list)
{
    gw_map *const out = gw_map_new(a);
    for (size_t i = 0; i < list->len; i++)
        gw_map_put(out, gw_version_key(a, gw_str_of(list->at[i].version)), &list->at[i]);
    return out;
}

static const gw_sequence_step *
find(const gw_map *side, const gw_sequence_step *step)
{
    GW_SCOPE(scratch);
    return gw_map_get(side, gw_version_key(scratch, gw_str_of(step->version)));
}

/* Below the folder; which one, where its file has several. */
static const char *
label(gw_arena *a, const gw_sequence_params *p, const gw_sequence_step *step)
{
    return p->folder->layout->has_several ? gw_printf(a, "%s (%s)", step->file, step->version) : step->file;
}

static gw_err *
problem_of(gw_arena *a, const gw_sequence_params *p, const char *file, gw_problems *out)
{
    gw_err *const e = gw_vec_push(a, out);
    *e = (gw_err){0};
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(a, p->folder->path, file)));
    return e;
}

static void
hint_move(const gw_sequence_params *p, gw_err *e)
{
    if (p->folder->layout->is_linked)
        (void)gw_err_hint(e, "move what this branch adds behind all that %s has, where the order is said", p->base);
    else
        (void)gw_err_hint(e, "rename what this branch adds, so that it comes behind all that %s has", p->base);
}

/* ---- what was there ---- */

static bool
is_same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static bool
is_same_up(const gw_sequence_step *one, const gw_sequence_step *other)
{
    return strcmp(one->name, other->name) == 0 && strcmp(one->up, other->up) == 0;
}

static void
tell_changed(gw_arena *a, const gw_sequence_params *p, const char *file, const char *shown, const char *what,
             gw_problems *out)
{
    gw_err *const e = problem_of(a, p, file, out);
    (void)gw_fail(e, GODWIT_FOLDER, "%s/%s is on %s, and was %s here", p->folder->path, shown, p->base, what);
    (void)gw_err_hint(e,
                      "it may be applied somewhere: put it back as it was (`git diff %s -- %s` says how) and write a "
                      "new migration",
                      p->base, p->folder->path);
}

static void
check_down(gw_arena *a, const sides *s, const gw_sequence_step *before, const gw_sequence_step *now,
           const gw_sequence_step *there, gw_problems *out)
{
    if (before->down == NULL || is_same(before->down, now->down) || (there != NULL && is_same(there->down, now->down)))
        return;
    const bool is_within = strcmp(before->down_file, before->file) == 0;
    tell_changed(a, s->p, before->down_file, is_within ? label(a, s->p, before) : before->down_file,
                 now->down == NULL && !is_within ? "removed" : "edited", out);
}

/* What the base did itself is nobody's fault. */
static void
check_kept(gw_arena *a, const sides *s, const gw_sequence_step *before, gw_problems *out)
{
    const gw_sequence_step *const now = find(s->now, before);
    const gw_sequence_step *const there = find(s->tip, before);
    if (now == NULL) {
        if (there != NULL)
            tell_changed(a, s->p, before->file, label(a, s->p, before), "removed", out);
        return;
    }
    if (!is_same_up(before, now) && (there == NULL || !is_same_up(there, now)))
        tell_changed(a, s->p, before->file, label(a, s->p, before), "edited", out);
    else
        check_down(a, s, before, now, there, out);
}

/* ---- order ---- */

/* Of two neighbours among those that the base has too. Places within one list are addresses: who is behind has the greater one. */
static void
check_order(gw_arena *a, const sides *s, const gw_sequence_step *first, const gw_sequence_step *second,
            gw_problems *out)
{
    const gw_sequence_step *const first_there = find(s->tip, first), *const second_there = find(s->tip, second);
    const gw_sequence_step *const first_before = find(s->common, first), *const second_before = find(s->common, second);
    if (first_there < second_there || (first_before != NULL && second_before != NULL && first_before < second_before))
        return;
    gw_err *const e = problem_of(a, s->p, second->file, out);
    (void)gw_fail(e, GODWIT_FOLDER, "%s/%s comes behind %s here, and before it on %s", s->p->folder->path,
                  label(a, s->p, second), label(a, s->p, first), s->p->base);
    (void)gw_err_hint(e, "it may be applied somewhere in that order: put it back where it was");
}

static void
check_orders(gw_arena *a, const sides *s, gw_problems *out)
{
    const gw_sequence_step *last = NULL;
    for (size_t i = 0; i < s->p->now->len; i++) {
        const gw_sequence_step *const step = &s->p->now->at[i];
        if (find(s->tip, step) == NULL)
            continue;
        if (last != NULL)
            check_order(a, s, last, step, out);
        last = step;
    }
}

/* ---- what the branch added ---- */

/* Would it be, once both are in one folder? An index does not tell before that. */
static bool
is_behind(const gw_layout *layout, const gw_sequence_step *own, const gw_sequence_step *other)
{
    if (layout->has_several)
        return strcmp(own->file, other->file) > 0;
    if (layout->is_listed)
        return false;
    return own->is_checkpoint || other->is_checkpoint ||
           gw_version_compare(gw_str_of(own->version), gw_str_of(other->version)) > 0;
}

/* The last of the base before which the branch's migration stands, or would. NULL: it comes behind all. */
static const gw_sequence_step *
find_before(const sides *s, const gw_sequence_step *own)
{
    for (size_t i = s->p->tip->len; i-- > 0;) {
        const gw_sequence_step *const step = &s->p->tip->at[i];
        const gw_sequence_step *const here = find(s->now, step);
        if (here != NULL ? here > own : find(s->common, step) == NULL && !is_behind(s->p->folder->layout, own, step))
            return step;
    }
    return NULL;
}

static void
tell_before(gw_arena *a, const sides *s, const gw_sequence_step *own, const gw_sequence_step *before, gw_problems *out)
{
    gw_err *const e = problem_of(a, s->p, own->file, out);
    const bool is_here = find(s->now, before) != NULL;
    (void)gw_fail(e, GODWIT_FOLDER, "%s/%s does not come behind %s, which is on %s%s", s->p->folder->path,
                  label(a, s->p, own), label(a, s->p, before), s->p->base, is_here ? "" : ", and not here yet");
    if (is_here || !s->p->folder->layout->is_linked)
        hint_move(s->p, e);
    else
        (void)gw_err_hint(e, "take in what %s has (`git merge %s`), with this branch's migrations behind it",
                          s->p->base, s->p->base);
}

/* The base has one of this version, which the branch did not begin with: the same, or another one. */
static void
check_twin(gw_arena *a, const sides *s, const gw_sequence_step *own, const gw_sequence_step *there, gw_problems *out)
{
    if (strcmp(own->name, there->name) == 0 && strcmp(own->file, there->file) == 0) {
        if (strcmp(own->up, there->up) != 0)
            tell_changed(a, s->p, own->file, label(a, s->p, own), "edited", out);
        return;
    }
    gw_err *const e = problem_of(a, s->p, own->file, out);
    (void)gw_fail(e, GODWIT_FOLDER, "%s/%s has version %s, as has %s on %s", s->p->folder->path, label(a, s->p, own),
                  own->version, label(a, s->p, there), s->p->base);
    (void)gw_err_hint(e, "give it another version, behind all that %s has", s->p->base);
}

static void
check_added(gw_arena *a, const sides *s, const gw_sequence_step *own, gw_problems *out)
{
    if (find(s->common, own) != NULL)
        return;
    const gw_sequence_step *const there = find(s->tip, own);
    if (there != NULL) {
        check_twin(a, s, own, there, out);
        return;
    }
    const gw_sequence_step *const before = find_before(s, own);
    if (before != NULL)
        tell_before(a, s, own, before, out);
}

void
gw_sequence_problems(gw_arena *a, const gw_sequence_params *p, gw_problems *out)
{
    GW_SCOPE(scratch);
    const sides s = {p, by_version(scratch, p->common), by_version(scratch, p->tip), by_version(scratch, p->now)};
    for (size_t i = 0; i < p->common->len; i++)
        check_kept(a, &s, &p->common->at[i], out);
    check_orders(a, &s, out);
    for (size_t i = 0; i < p->now->len; i++)
        check_added(a, &s, &p->now->at[i], out);
}
