#include "migration/content.h"

#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "migration/directive.h"
#include "sql/lex.h"
#include "sql/split.h"

enum { KEPT_MOST = 2 << 20, SHARED_FROM = 256, SUM_CAP = 64 << 20 };

/* Files that are read one after the other. */
typedef struct reading {
    gw_arena *arena; /* of the folder; of a thread while it runs */
    const gw_folder *folder;
    size_t kept; /* bytes */
    size_t kept_most;
} reading;

/* Does it say so at its top, before the first statement? What is wrong there is told by whoever runs it. */
static bool
says_checkpoint(const reading *r, const gw_file *file, gw_str text)
{
    if (text.len == 0 || memmem(text.ptr, text.len, "checkpoint", strlen("checkpoint")) == NULL)
        return false;
    GW_SCOPE(scratch);
    const gw_dialect dialect = {.kind = GW_DIALECT_MYSQL}; /* it has all the comments that others have */
    const size_t begin = gw_str_starts(text, "\xEF\xBB\xBF") ? 3 : 0;
    gw_lexer l = gw_lex(gw_str_slice(text, begin, text.len), dialect);
    l.gap = true;
    gw_token t = gw_lex_next(&l);
    while (t.kind == GW_TOKEN_SPACE || t.kind == GW_TOKEN_COMMENT)
        t = gw_lex_next(&l);
    const gw_directive_params p = {file->path, text, dialect, r->folder->prefixes};
    gw_directives rules;
    gw_err ignored = {0};
    return gw_directives_read(scratch, &p, begin, begin + l.at - t.text.len, false, &rules, &ignored) == GODWIT_OK &&
           rules.checkpoint;
}

/* What is run of it. */
static gw_rc
frame_text(reading *r, gw_file *file, gw_str text, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_frame_params p = {.path = file->path, .text = text, .section = file->section, .is_literal = file->is_literal};
    gw_frame up, down;
    GW_TRY(gw_frame_read(scratch, r->folder->layout->frame, &p, &up, e));
    file->checksum = gw_frame_checksum(r->arena, &up, text);
    if (file->kind == GW_FILE_VERSIONED && says_checkpoint(r, file, up.text))
        file->kind = GW_FILE_CHECKPOINT;
    file->phases = gw_phase_words_read(r->arena, file->path, up.text, r->folder->prefixes);
    if (!r->folder->layout->both_ways)
        return GODWIT_OK;
    p.down = true;
    GW_TRY(gw_frame_read(scratch, r->folder->layout->frame, &p, &down, e));
    file->down_path = down.is_there ? file->path : NULL;
    return GODWIT_OK;
}

/* `file`: whose text it is; NULL: only the sum file wants it. */
static gw_rc
read_text(gw_arena *a, reading *r, const char *path, gw_file *file, gw_str *text, gw_err *e)
{
    GW_TRY(gw_file_read(a, path, GW_SQL_FILE_CAP, text, e));
    if (file == NULL)
        return GODWIT_OK;
    GW_TRY(frame_text(r, file, *text, e));
    r->kept += text->len;
    if (r->kept <= r->kept_most)
        file->text = gw_str_copy(r->arena, *text);
    return GODWIT_OK;
}

static gw_rc
read_files(reading *r, gw_file *files, size_t count, gw_err *e)
{
    GW_SCOPE(scratch);
    for (size_t i = 0; i < count; i++) {
        gw_str text;
        GW_TRY(read_text(scratch, r, files[i].path, &files[i], &text, e));
        gw_arena_reset(scratch);
    }
    return GODWIT_OK;
}

/* ---- in two threads ---- */

typedef struct share {
    reading reading;
    gw_file *files;
    size_t count;
    gw_rc rc;
    gw_err e;
} share;

static void *
read_share(void *subject)
{
    share *const s = subject;
    s->rc = read_files(&s->reading, s->files, s->count, &s->e);
    return NULL;
}

static void
free_arena(void *arena)
{
    gw_arena_free(arena);
}

/* The thread has an arena of its own, which ends with the folder's. */
static share *
new_share(gw_arena *a, const gw_folder *folder, gw_file *files, size_t count)
{
    share *const s = gw_new(a, share);
    *s = (share){.reading = {.arena = gw_arena_new(), .folder = folder, .kept_most = KEPT_MOST / 2},
                 .files = files,
                 .count = count};
    gw_defer(a, free_arena, s->reading.arena);
    return s;
}

static gw_rc
read_shared(gw_arena *a, gw_folder *f, gw_err *e)
{
    gw_files *const files = &f->files;
    const size_t half = files->len / 2;
    reading mine = {.arena = a, .folder = f, .kept_most = KEPT_MOST / 2};
    share *const others = new_share(a, f, files->at + half, files->len - half);
    pthread_t thread;
    const bool is_shared = pthread_create(&thread, NULL, read_share, others) == 0;
    const gw_rc rc = read_files(&mine, files->at, half, e);
    if (is_shared)
        (void)pthread_join(thread, NULL);
    else
        (void)read_share(others);
    if (rc == GODWIT_OK && others->rc != GODWIT_OK)
        *e = others->e;
    return rc != GODWIT_OK ? rc : others->rc;
}

/* ---- with a sum file ---- */

static gw_rc
read_sum(gw_arena *a, gw_arena *scratch, gw_folder *f, gw_sum *out, gw_err *e)
{
    const char *const path = gw_path_join(scratch, f->path, f->covered.sum);
    GW_TRY(gw_file_read(a, path, SUM_CAP, &f->sum_text, e));
    return gw_sum_read(scratch, path, f->sum_text, out, e);
}

/* In the order of the sum, which need not be that of the versions. */
static gw_rc
read_covered(gw_arena *a, gw_folder *f, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_sum recorded;
    reading r = {.arena = a, .folder = f, .kept_most = KEPT_MOST};
    gw_map *const ups = gw_map_new(scratch);
    GW_TRY(read_sum(a, scratch, f, &recorded, e));
    gw_sum_check *const check = gw_sum_check_new(a, &recorded);
    for (size_t i = 0; i < f->files.len; i++)
        gw_map_put(ups, gw_str_of(f->files.at[i].path), &f->files.at[i]);
    for (size_t i = 0; i < f->covered.names.len; i++) {
        GW_SCOPE(one);
        gw_str text;
        const char *const path = gw_path_join(one, f->path, f->covered.names.at[i]);
        GW_TRY(read_text(one, &r, path, gw_map_get(ups, gw_str_of(path)), &text, e));
        gw_sum_check_add(check, f->covered.names.at[i], text);
    }
    gw_sum_check_end(check, &f->differences);
    for (size_t i = 0; i < f->files.len; i++) { /* what it does not cover, and further migrations of one file */
        GW_SCOPE(one);
        gw_str text;
        if (f->files.at[i].checksum == NULL)
            GW_TRY(read_text(one, &r, f->files.at[i].path, &f->files.at[i], &text, e));
    }
    return GODWIT_OK;
}

gw_rc
gw_content_read(gw_arena *a, gw_folder *f, gw_err *e)
{
    reading r = {.arena = a, .folder = f, .kept_most = KEPT_MOST};
    if (f->covered.sum != NULL)
        return read_covered(a, f, e);
    if (f->files.len >= SHARED_FROM)
        return read_shared(a, f, e);
    return read_files(&r, f->files.at, f->files.len, e);
}
