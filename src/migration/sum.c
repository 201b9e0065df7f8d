#include "migration/sum.h"

#include <string.h>

#include "base/map.h"

#define MARK "h1:"

/* ---- a sum is made ---- */

void
gw_sum_begin(gw_arena *a, gw_sum *out)
{
    *out = (gw_sum){.arena = a, .running = gw_sha256_new(a)};
}

/* Only the first line counts: printable characters or none, `atlas:sum`, blanks, `ignore`, and nothing behind it, not even a CR. */
bool
gw_sum_is_ignored(gw_str bytes)
{
    static const char directive[] = "atlas:sum";
    enum { LEN = sizeof(directive) - 1 };
    gw_str rest;
    const gw_str line = gw_str_cut(bytes, '\n', &rest);
    for (size_t i = 0; i + LEN <= line.len; i++) {
        gw_str value = gw_str_slice(line, i + LEN, line.len);
        if (gw_str_starts(gw_str_slice(line, i, line.len), directive) && value.len > 0 && value.ptr[0] == ' ') {
            while (value.len > 0 && value.ptr[0] == ' ')
                value = gw_str_slice(value, 1, value.len);
            return gw_str_is(value, "ignore");
        }
        if (line.ptr[i] < ' ' || line.ptr[i] > '~')
            return false;
    }
    return false;
}

void
gw_sum_add(gw_sum *sum, const char *name, gw_str bytes)
{
    gw_sha256_add(sum->running, gw_str_of(name));
    if (gw_sum_is_ignored(bytes))
        return;
    gw_sha256_add(sum->running, bytes);
    *gw_vec_push(sum->arena, &sum->lines) =
        (gw_sum_line){gw_text(sum->arena, name), gw_sha256_base64(sum->arena, sum->running)};
}

static char *
total_of(gw_arena *a, const gw_sum *sum)
{
    gw_sha256 *const total = gw_sha256_new(a);
    for (size_t i = 0; i < sum->lines.len; i++) {
        gw_sha256_add(total, gw_str_of(sum->lines.at[i].name));
        gw_sha256_add(total, gw_str_of(sum->lines.at[i].hash));
    }
    return gw_sha256_base64(a, total);
}

char *
gw_sum_text(gw_arena *a, const gw_sum *sum)
{
    gw_buf out = gw_buf_new(a);
    gw_buf_printf(&out, MARK "%s\n", total_of(a, sum));
    for (size_t i = 0; i < sum->lines.len; i++)
        gw_buf_printf(&out, "%s " MARK "%s\n", sum->lines.at[i].name, sum->lines.at[i].hash);
    return gw_strdup(a, gw_buf_str(&out));
}

/* ---- a sum file is read ---- */

typedef struct reader {
    const char *path;
    gw_str text;
    gw_map *names;
} reader;

static gw_rc
fail_at(const reader *r, gw_str where, const char *what, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s", what);
    return gw_err_at(e, r->path, r->text, (size_t)(where.ptr - r->text.ptr));
}

static gw_str
without_cr(gw_str line)
{
    return gw_str_ends(line, "\r") ? gw_str_slice(line, 0, line.len - 1) : line;
}

static gw_rc
fail_conflict(const reader *r, gw_str line, gw_err *e)
{
    (void)fail_at(r, line, "git left both sides of a merge here", e);
    return gw_err_hint(e, "`godwit rebase` puts this branch's migrations behind the others, and writes the file anew");
}

static bool
is_conflict(gw_str line)
{
    return gw_str_starts(line, "<<<<<<<") || gw_str_starts(line, "=======") || gw_str_starts(line, ">>>>>>>");
}

static gw_rc
read_line(const reader *r, gw_str line, gw_sum *out, gw_err *e)
{
    size_t at = 0;
    if (is_conflict(line))
        return fail_conflict(r, line, e);
    while (at < line.len && !gw_str_starts(gw_str_slice(line, at, line.len), MARK))
        at++;
    const gw_str name = gw_str_trim(gw_str_slice(line, 0, at));
    const gw_str hash = at == line.len ? (gw_str){0} : gw_str_slice(line, at + strlen(MARK), line.len);
    if (name.len == 0 || hash.len != GW_SHA256_BASE64)
        return fail_at(r, line, "this is no line of a sum file: a name, a blank, 'h1:' and 44 characters are", e);
    if (gw_map_has(r->names, name))
        return fail_at(r, line, "this name has a line already", e);
    gw_map_put(r->names, name, out);
    *gw_vec_push(out->arena, &out->lines) = (gw_sum_line){gw_strdup(out->arena, name), gw_strdup(out->arena, hash)};
    return GODWIT_OK;
}

static gw_rc
fail_total(const reader *r, gw_err *e)
{
    (void)fail_at(r, r->text,
                  "the first line does not belong to the lines below it: the file was merged, or changed by hand", e);
    return gw_err_hint(e, "look at what changed, then write it anew: `godwit hash`");
}

gw_rc
gw_sum_read(gw_arena *a, const char *path, gw_str text, gw_sum *out, gw_err *e)
{
    GW_SCOPE(scratch);
    const reader r = {.path = path, .text = text, .names = gw_map_new(scratch)};
    gw_str rest;
    const gw_str first = without_cr(gw_str_cut(text, '\n', &rest));
    gw_sum_begin(a, out);
    if (is_conflict(first))
        return fail_conflict(&r, first, e);
    if (!gw_str_starts(first, MARK) || first.len != strlen(MARK) + GW_SHA256_BASE64)
        return fail_at(&r, text, "this is no first line of a sum file: 'h1:' and 44 characters are", e);
    while (rest.len > 0)
        GW_TRY(read_line(&r, without_cr(gw_str_cut(rest, '\n', &rest)), out, e));
    if (!gw_str_is(gw_str_slice(first, strlen(MARK), first.len), total_of(scratch, out)))
        return fail_total(&r, e);
    return GODWIT_OK;
}
