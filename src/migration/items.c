#include "migration/items.h"

#include <assert.h>
#include <string.h>

#include "base/map.h"
#include "migration/version.h"

/* ---- what became of it ---- */

static bool
is_down(const gw_record *r)
{
    return strcmp(r->direction, "down") == 0;
}

static gw_file_kind
kind_of(const gw_record *r)
{
    return strcmp(r->kind, "repeatable") == 0   ? GW_FILE_REPEATABLE
           : strcmp(r->kind, "checkpoint") == 0 ? GW_FILE_CHECKPOINT
                                                : GW_FILE_VERSIONED;
}

static bool
is_adopted(const gw_record *r)
{
    return strcmp(r->kind, "adopted") == 0;
}

/* Of what was there before godwit came a file need not exist. */
static bool
needs_file(const gw_item *item)
{
    return !gw_item_is_baseline(item) && !is_adopted(item->applied);
}

static bool
has_kept_nothing(const gw_record *r)
{
    return r->state == GODWIT_FAILED_STATE && r->done == 0;
}

static godwit_state
state_after_up(const gw_record *r)
{
    static const godwit_state states[] = {
        [GODWIT_PENDING] = GODWIT_PENDING,           [GODWIT_APPLIED] = GODWIT_APPLIED,
        [GODWIT_RUNNING] = GODWIT_RUNNING,           [GODWIT_REVERTED] = GODWIT_PENDING,
        [GODWIT_FAILED_STATE] = GODWIT_FAILED_STATE, [GODWIT_SKIPPED] = GODWIT_SKIPPED,
        [GODWIT_DEFERRED] = GODWIT_DEFERRED,
    };
    return has_kept_nothing(r) ? GODWIT_PENDING : states[r->state];
}

static godwit_state
state_after_down(const gw_record *r, const gw_record *applied)
{
    if (r->state == GODWIT_RUNNING)
        return GODWIT_RUNNING;
    if (r->state != GODWIT_FAILED_STATE)
        return GODWIT_PENDING;
    if (r->done > 0)
        return GODWIT_FAILED_STATE;
    return applied != NULL ? GODWIT_APPLIED : GODWIT_PENDING;
}

/* The item of a file, a record or both; `applied` only with a record. */
static gw_item
item_of(const gw_file *file, const gw_record *newest, const gw_record *applied, bool folder_exists)
{
    assert(file != NULL || newest != NULL);
    gw_item item = {.version = file != NULL ? file->version : newest->version,
                    .name = file != NULL ? file->name : newest->name,
                    .kind = file != NULL ? file->kind : kind_of(newest),
                    .file = file,
                    .record = newest,
                    .applied = applied,
                    .state = GODWIT_PENDING};
    if (newest != NULL)
        item.state = is_down(newest) ? state_after_down(newest, applied) : state_after_up(newest);
    if (file == NULL && (item.state == GODWIT_PENDING || item.state == GODWIT_DEFERRED))
        item.state = GODWIT_REVERTED;
    if (item.state != GODWIT_APPLIED)
        return item;
    assert(applied != NULL);
    const bool is_other = file != NULL && file->checksum != NULL && applied->checksum != NULL &&
                          strcmp(file->checksum, applied->checksum) != 0;
    const bool is_repeatable = item.kind == GW_FILE_REPEATABLE;
    item.missing = file == NULL && folder_exists && !is_repeatable && needs_file(&item);
    item.edited = is_other && !is_repeatable;
    item.state = is_other && is_repeatable ? GODWIT_PENDING : item.state;
    return item;
}

/* What another tool applied and nobody has the file of comes before all that godwit runs, whatever that tool called it. */
static bool
is_prehistoric(const gw_item *item)
{
    return item->file == NULL && item->applied != NULL && is_adopted(item->applied);
}

static void
mark_out_of_order(gw_items *items)
{
    const gw_record *newest = NULL;
    for (size_t i = items->len; i-- > 0;) {
        gw_item *const item = &items->at[i];
        if (item->kind == GW_FILE_REPEATABLE)
            continue;
        if (gw_item_is_there(item) && newest == NULL && !is_prehistoric(item))
            newest = item->record;
        const bool was_put_off = item->record != NULL && item->record->was_put_off;
        item->out_of_order = item->state == GODWIT_PENDING && newest != NULL && !was_put_off;
        item->newer = item->out_of_order ? newest : NULL;
    }
}

/* ---- checkpoints ---- */

/* It was run as one, and not taken back. */
static bool
stands(const gw_item *item)
{
    return item->record != NULL && kind_of(item->record) == GW_FILE_CHECKPOINT && gw_item_is_there(item);
}

/* What is covered is so as long as a checkpoint behind it stands: their rows are written before it runs. And whoever removed what a
 * checkpoint of the folder stands for is not told that it is gone. */
static void
settle_covered(gw_items *items)
{
    bool is_covered = false, may_be_gone = false;
    for (size_t i = items->len; i-- > 0;) {
        gw_item *const item = &items->at[i];
        const bool was_covered = item->state == GODWIT_APPLIED && strcmp(item->record->kind, GW_RECORD_COVERED) == 0;
        if (was_covered && !is_covered) {
            item->state = item->file == NULL ? GODWIT_REVERTED : GODWIT_PENDING;
            item->applied = NULL;
            item->edited = false;
        }
        item->missing = item->missing && !may_be_gone;
        is_covered = is_covered || stands(item);
        may_be_gone = may_be_gone || (item->kind == GW_FILE_CHECKPOINT && item->file != NULL);
    }
}

/* Only an empty database begins with one. */
static void
pass_checkpoints(gw_items *items)
{
    bool is_fresh = true;
    for (size_t i = 0; i < items->len; i++)
        is_fresh = is_fresh && !gw_item_is_there(&items->at[i]);
    for (size_t i = 0; i < items->len && !is_fresh; i++) {
        gw_item *const item = &items->at[i];
        item->is_passed = item->kind == GW_FILE_CHECKPOINT && item->state == GODWIT_PENDING;
        item->state = item->is_passed ? GODWIT_SKIPPED : item->state;
    }
}

/* ---- the order ---- */

/* All that the history has of one version. */
typedef struct attempts {
    const gw_record *newest, *applied; /* applied: on its way up; NULL: never */
    size_t file;                       /* index; SIZE_MAX: none */
} attempts;

/* What has no file. */
typedef struct stray {
    const attempts *of;
    size_t at;   /* the file that it stands before */
    size_t rank; /* in the history */
} stray;

typedef struct meeting {
    gw_arena *scratch;
    const gw_folder *folder;
    gw_map *by_key; /* gw_version_key → attempts, in the order of the history */
    gw_vec(stray) strays;
} meeting;

static void
read_records(meeting *m, const gw_records *records)
{
    for (size_t i = 0; i < records->len; i++) {
        const gw_record *const r = &records->at[i];
        const gw_str key = gw_version_key(m->scratch, gw_str_of(r->version));
        attempts *one = gw_map_get(m->by_key, key);
        if (one == NULL) {
            one = gw_new(m->scratch, attempts);
            one->file = SIZE_MAX;
            gw_map_put(m->by_key, key, one);
        }
        one->newest = r;
        if (!is_down(r) && r->state == GODWIT_APPLIED)
            one->applied = r;
    }
}

/* The first file that comes behind this version; repeatable ones come behind all others. */
static size_t
place_by_version(const gw_folder *folder, const gw_record *r)
{
    size_t low = 0, high = folder->files.len;
    if (kind_of(r) == GW_FILE_REPEATABLE)
        return high;
    while (high > 0 && folder->files.at[high - 1].kind == GW_FILE_REPEATABLE)
        high--;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (gw_version_compare(gw_str_of(folder->files.at[middle].version), gw_str_of(r->version)) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static int
by_version(const void *left, const void *right)
{
    const stray *const a = left;
    const stray *const b = right;
    return gw_version_compare(gw_str_of(a->of->newest->version), gw_str_of(b->of->newest->version));
}

static int
by_place(const void *left, const void *right)
{
    const stray *const a = left;
    const stray *const b = right;
    return a->at != b->at ? (a->at > b->at) - (a->at < b->at) : (a->rank > b->rank) - (a->rank < b->rank);
}

static void
place_strays(meeting *m)
{
    const bool keeps_order = m->folder->layout != NULL && m->folder->layout->keeps_order;
    size_t behind = 0; /* what was run before */
    for (size_t i = 0; i < m->by_key->entries.len; i++) {
        const attempts *const one = m->by_key->entries.at[i].value;
        const bool is_nothing = one->applied == NULL && has_kept_nothing(one->newest);
        if (one->file != SIZE_MAX)
            behind = one->file + 1;
        else if (!is_nothing)
            *gw_vec_push(m->scratch, &m->strays) =
                (stray){one, keeps_order ? behind : place_by_version(m->folder, one->newest), i};
    }
    if (!keeps_order) /* then they are by place as well, but for those at the end */
        gw_sort(m->strays.at, m->strays.len, sizeof(*m->strays.at), by_version);
    for (size_t i = 0; !keeps_order && i < m->strays.len; i++)
        m->strays.at[i].rank = i;
    gw_sort(m->strays.at, m->strays.len, sizeof(*m->strays.at), by_place);
}

void
gw_items_of(gw_arena *a, const gw_folder *files, const gw_records *records, gw_items *out)
{
    GW_SCOPE(scratch);
    meeting m = {.scratch = scratch, .folder = files, .by_key = gw_map_new(scratch)};
    const attempts **const known = gw_new_array(scratch, const attempts *, files->files.len);
    read_records(&m, records);
    for (size_t f = 0; f < files->files.len; f++) {
        attempts *const one = gw_map_get(m.by_key, gw_version_key(scratch, gw_str_of(files->files.at[f].version)));
        known[f] = one;
        if (one != NULL)
            one->file = f;
    }
    place_strays(&m);
    *out = (gw_items){0};
    for (size_t f = 0, s = 0; f <= files->files.len; f++) {
        for (; s < m.strays.len && m.strays.at[s].at == f; s++)
            *gw_vec_push(a, out) = item_of(NULL, m.strays.at[s].of->newest, m.strays.at[s].of->applied, files->exists);
        if (f == files->files.len)
            break;
        const attempts *const one = known[f];
        *gw_vec_push(a, out) = item_of(&files->files.at[f], one == NULL ? NULL : one->newest,
                                       one == NULL ? NULL : one->applied, files->exists);
    }
    settle_covered(out);
    pass_checkpoints(out);
    mark_out_of_order(out);
}
