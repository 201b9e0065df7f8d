#include "migration/adoption.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/map.h"
#include "migration/version.h"

typedef struct judge {
    gw_arena *a;
    const gw_adoption_params *p;
    gw_adoption *out;
    gw_map *files;                  /* by each key that a tool may have for one */
    const gw_legacy **newest;       /* one a file: what is true of it now; NULL: no row */
    gw_vec(const gw_legacy *) lost; /* rows in the database whose file is not here, oldest first */
    gw_sum sum;                     /* GW_PROOF_LISTED */
    size_t unproved;                /* applied, and of their hash nothing was kept that could be compared */
    gw_map *others;                 /* projects that are not the folder's → how many rows */
} judge;

/* ---- which file a row is about ---- */

static gw_str
last_part(gw_str path)
{
    const char *const slash = memrchr(path.ptr, '/', path.len);
    return slash == NULL ? path : gw_str_slice(path, (size_t)(slash - path.ptr) + 1, path.len);
}

static gw_str
without(gw_str name, const char *suffix)
{
    return gw_str_ends(name, suffix) ? gw_str_slice(name, 0, name.len - strlen(suffix)) : name;
}

static void
put_once(gw_map *m, gw_str key, gw_file *file)
{
    if (key.len > 0 && !gw_map_has(m, key))
        gw_map_put(m, key, file);
}

/* Of "file::id::author", where a file has several: what is left when the file moves. */
static gw_str
without_file(gw_str version)
{
    const char *const hit = memmem(version.ptr, version.len, "::", 2);
    return hit == NULL ? (gw_str){0} : gw_str_slice(version, (size_t)(hit - version.ptr) + 2, version.len);
}

/* A version, the file's name with and without what it ends in, the folder that it is in, or the hash of its text. */
static void
index_files(judge *j)
{
    const gw_files *const files = &j->p->folder->files;
    for (size_t i = 0; i < files->len; i++)
        put_once(j->files, gw_version_key(j->a, gw_str_of(files->at[i].version)), &files->at[i]);
    for (size_t i = 0; i < files->len; i++)
        put_once(j->files, without_file(gw_str_of(files->at[i].version)), &files->at[i]);
    for (size_t i = 0; i < files->len; i++) {
        const gw_str path = gw_str_of(files->at[i].path);
        const gw_str base = last_part(path);
        const gw_str folder = last_part(gw_str_slice(path, 0, path.len - base.len - (base.len < path.len)));
        put_once(j->files, base, &files->at[i]);
        put_once(j->files, without(without(base, ".sql"), ".up"), &files->at[i]);
        put_once(j->files, folder, &files->at[i]);
        if (files->at[i].checksum != NULL)
            put_once(j->files, gw_str_of(files->at[i].checksum), &files->at[i]);
    }
}

static gw_file *
find_file(const judge *j, const char *key)
{
    GW_SCOPE(scratch);
    gw_file *const file = gw_map_get(j->files, gw_str_of(key));
    return file != NULL ? file : gw_map_get(j->files, gw_version_key(scratch, gw_str_of(key)));
}

static size_t
index_of(const judge *j, const gw_file *file)
{
    return (size_t)(file - j->p->folder->files.at);
}

/* Of another project in the same table. */
static bool
is_foreign(judge *j, const gw_legacy *row)
{
    const bool is_other = j->p->project != NULL && row->project != NULL && strcmp(j->p->project, row->project) != 0;
    if (is_other)
        gw_map_put(j->others, gw_str_of(row->project),
                   (void *)((uintptr_t)gw_map_get(j->others, gw_str_of(row->project)) + 1));
    return is_other;
}

/* The newest row of each key, and of those without a file what is still in the database. */
static void
sort_rows(judge *j)
{
    GW_SCOPE(scratch);
    gw_map *const lost = gw_map_new(scratch);
    for (size_t i = 0; i < j->p->rows->len; i++) {
        const gw_legacy *const row = &j->p->rows->at[i];
        if (is_foreign(j, row))
            continue;
        const gw_file *const file = find_file(j, row->key);
        if (file != NULL)
            j->newest[index_of(j, file)] = row;
        else
            gw_map_put(lost, gw_str_of(row->key), (void *)(uintptr_t)(i + 1));
    }
    for (size_t i = 0; i < lost->entries.len; i++) {
        const gw_legacy *const row = &j->p->rows->at[(uintptr_t)lost->entries.at[i].value - 1];
        if (row->state != GW_LEGACY_GONE)
            *gw_vec_push(j->a, &j->lost) = row;
    }
}

/* ---- what cannot be taken over ---- */

static gw_rc
fail_halfway(const judge *j, const gw_legacy *row, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FAILED, "%s stopped in %s: its end is not recorded, or was a failure", j->p->tool,
                  row->key);
    return gw_err_hint(e, "look what of it is in the database, settle it with %s, and adopt again", j->p->tool);
}

static gw_rc
check_state(const judge *j, const gw_legacy *row, gw_err *e)
{
    if (row == NULL || (row->state != GW_LEGACY_FAILED && row->state != GW_LEGACY_UNKNOWN))
        return GODWIT_OK;
    if (row->state == GW_LEGACY_FAILED)
        return fail_halfway(j, row, e);
    (void)gw_fail(e, GODWIT_FAILED, "%s says of %s what godwit does not understand", j->p->tool, row->key);
    return gw_err_hint(e, "look what of it is in the database, settle it with %s, and adopt again", j->p->tool);
}

static gw_rc
fail_unproved(const judge *j, const gw_file *file, const char *kept, const char *now, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s is not what %s applied", file->path, j->p->tool);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(file->path));
    (void)gw_err_note(e, "recorded  %s", kept);
    (void)gw_err_note(e, "the file  %s", now == NULL ? "has no such hash" : now);
    return gw_err_hint(e, "restore it from version control; where the change is meant, --edited takes it as it is now");
}

/* ---- hashes ---- */

static gw_rc
prove(judge *j, const gw_file *file, const gw_legacy *row, gw_err *e)
{
    GW_SCOPE(scratch);
    const char *now = NULL;
    const gw_proof_params p = {j->p->proof, j->p->folder, file, &j->sum};
    if (!gw_proof_is_comparable(p.proof, row->proof)) {
        j->unproved += p.proof != GW_PROOF_NONE;
        return GODWIT_OK;
    }
    GW_TRY(gw_proof_of(scratch, &p, &now, e));
    if (now != NULL && strcmp(now, row->proof) == 0)
        j->out->proved++;
    else if (!j->p->any_content)
        return fail_unproved(j, file, row->proof, now, e);
    return GODWIT_OK;
}

/* ---- records ---- */

/* "+02", "+05:30", "+0530", "Z" behind a time, in seconds. */
static long
zone_of(const char *text)
{
    enum { HOUR = 3600, MINUTE = 60, SHORT = 3 };
    text += strspn(text, ".0123456789 ");
    if (*text != '+' && *text != '-')
        return 0;
    char *end;
    const long number = strtol(text + 1, &end, 10);
    if (end - text > SHORT) /* both in one */
        return (number / 100 * HOUR + number % 100 * MINUTE) * (*text == '-' ? -1 : 1);
    const long minutes = *end == ':' ? strtol(end + 1, NULL, 10) : 0;
    return (number * HOUR + minutes * MINUTE) * (*text == '-' ? -1 : 1);
}

/* As godwit's history has it, in UTC; NULL: it is no time that anybody could read. */
static const char *
time_of(gw_arena *a, const char *at)
{
    struct tm t = {0};
    char text[32];
    if (at == NULL)
        return NULL;
    const char *rest = strptime(at, "%Y-%m-%d", &t);
    rest = rest == NULL || (*rest != ' ' && *rest != 'T') ? NULL : strptime(rest + 1, "%H:%M:%S", &t);
    if (rest == NULL)
        return NULL;
    const time_t utc = timegm(&t) - zone_of(rest);
    if (gmtime_r(&utc, &t) == NULL || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S.000", &t) == 0)
        return NULL;
    return gw_text(a, text);
}

static gw_record *
add_record(judge *j, const char *version, const char *name, const gw_file *file, const gw_legacy *row)
{
    gw_record *const r = gw_vec_push(j->a, &j->out->records);
    *r = (gw_record){.version = version,
                     .name = name,
                     .kind = "adopted",
                     .direction = "up",
                     .state = GODWIT_APPLIED,
                     .checksum = file == NULL ? NULL : file->checksum,
                     .started_at = time_of(j->a, row->at)};
    return r;
}

/* How far it came is for whoever reads the file's statements to say: see gw_adoption_part. */
static void
add_part(judge *j, const gw_file *file, const gw_legacy *row)
{
    gw_record *const r = add_record(j, file->version, file->name, file, row);
    r->state = row->error == NULL || row->error[0] == '\0' ? GODWIT_RUNNING : GODWIT_FAILED_STATE;
    r->done = row->done;
    r->error = r->state == GODWIT_RUNNING ? NULL : row->error;
    *gw_vec_push(j->a, &j->out->parts) = (gw_adoption_part){j->out->records.len - 1, file, row->chain};
}

GW_PRINTF(2, 3)
static void
assume(judge *j, const char *format, ...)
{
    va_list args;
    gw_buf text = gw_buf_new(j->a);
    va_start(args, format);
    gw_buf_vprintf(&text, format, args);
    va_end(args);
    *gw_vec_push(j->a, &j->out->assumed) = gw_buf_text(&text);
}

/* How many files a head covers: up to its own, in the order of the folder. */
static size_t
head_of(const judge *j, const gw_legacy **head)
{
    size_t covered = 0;
    for (size_t i = 0; i < j->p->folder->files.len; i++)
        if (j->newest[i] != NULL && j->newest[i]->state == GW_LEGACY_UP_TO) {
            *head = j->newest[i];
            covered = i + 1;
        }
    return covered;
}

static gw_rc
take_files(judge *j, gw_err *e)
{
    const gw_files *const files = &j->p->folder->files;
    const gw_legacy *head = NULL;
    const size_t covered = head_of(j, &head);
    size_t assumed = 0;
    for (size_t i = 0; i < files->len; i++) {
        const gw_legacy *const row = j->newest[i] != NULL ? j->newest[i] : i < covered ? head : NULL;
        GW_TRY(check_state(j, row, e));
        if (row == NULL || row->state == GW_LEGACY_GONE)
            continue;
        assumed += row->state == GW_LEGACY_UP_TO && row != j->newest[i];
        if (row->state == GW_LEGACY_PARTIAL) {
            add_part(j, &files->at[i], row);
            continue;
        }
        if (row->state == GW_LEGACY_APPLIED)
            GW_TRY(prove(j, &files->at[i], row, e));
        (void)add_record(j, files->at[i].version, files->at[i].name, &files->at[i], row);
    }
    if (assumed > 0)
        assume(j, "%s keeps only the newest version, %s: that the %zu before it were applied is assumed", j->p->tool,
               head->key, assumed);
    if (j->unproved > 0)
        assume(j, "of %zu of them %s kept no hash that godwit can compare", j->unproved, j->p->tool);
    return GODWIT_OK;
}

/* A head that no file has tells nothing of the files. */
static gw_rc
take_lost(judge *j, gw_err *e)
{
    for (size_t i = 0; i < j->lost.len; i++) {
        const gw_legacy *const row = j->lost.at[i];
        GW_TRY(row->state == GW_LEGACY_PARTIAL ? fail_halfway(j, row, e) : check_state(j, row, e));
        if (row->state == GW_LEGACY_UP_TO && j->p->folder->files.len > 0) {
            (void)gw_fail(e, GODWIT_FOLDER, "%s is at %s, and %s has no such migration", j->p->tool, row->key,
                          j->p->folder->path);
            return gw_err_hint(e, "name the right folder with --dir, or check out the version that was deployed");
        }
        (void)add_record(j, row->key, row->name == NULL ? row->key : row->name, NULL, row);
    }
    if (j->lost.len > 0)
        assume(j, "%zu of %s's rows have no file here, %s the first: they are recorded as applied all the same",
               j->lost.len, j->p->tool, j->lost.at[0]->key);
    return GODWIT_OK;
}

static void
tell_others(judge *j)
{
    for (size_t i = 0; i < j->others->entries.len; i++) {
        const gw_map_entry *const one = &j->others->entries.at[i];
        assume(j, "%zu of %s's rows are of another project, %.*s: they are left out", (size_t)(uintptr_t)one->value,
               j->p->tool, GW_STR_ARG(one->key));
    }
}

/* Older than one that was applied, and never applied itself: some tools skip these without a word. */
static void
tell_skipped(judge *j)
{
    const gw_files *const files = &j->p->folder->files;
    bool is_behind = false;
    for (size_t i = files->len; i-- > 0;) {
        const gw_legacy *const row = j->newest[i];
        const bool is_there = row != NULL && (row->state == GW_LEGACY_APPLIED || row->state == GW_LEGACY_UP_TO);
        if (!is_there && is_behind && (row == NULL || row->state != GW_LEGACY_GONE))
            assume(j, "%s was never applied, though newer ones were: it stays pending", files->at[i].path);
        if (row != NULL && row->state == GW_LEGACY_UP_TO)
            return;
        is_behind = is_behind || is_there;
    }
}

static gw_rc
read_listed(judge *j, gw_err *e)
{
    enum { CAP = 64 << 20 };
    gw_str text;
    const gw_folder *const f = j->p->folder;
    if (j->p->proof != GW_PROOF_LISTED || f->covered.sum == NULL)
        return GODWIT_OK;
    const char *const path = gw_path_join(j->a, f->path, f->covered.sum);
    GW_TRY(gw_file_read(j->a, path, CAP, &text, e));
    return gw_sum_read(j->a, path, text, &j->sum, e);
}

gw_rc
gw_adoption_judge(gw_arena *a, const gw_adoption_params *p, gw_adoption *out, gw_err *e)
{
    judge j = {.a = a, .p = p, .out = out, .files = gw_map_new(a), .others = gw_map_new(a)};
    *out = (gw_adoption){0};
    j.newest = gw_new_array(a, const gw_legacy *, p->folder->files.len);
    GW_TRY(read_listed(&j, e));
    index_files(&j);
    sort_rows(&j);
    GW_TRY(take_files(&j, e));
    GW_TRY(take_lost(&j, e));
    tell_others(&j);
    tell_skipped(&j);
    return GODWIT_OK;
}
