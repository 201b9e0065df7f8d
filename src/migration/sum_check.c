#include "migration/sum_check.h"

#include "base/map.h"

struct gw_sum_check {
    gw_arena *arena;
    const gw_sum *recorded;
    gw_map *lines; /* name → gw_sum_line */
    bool *is_seen; /* one a line */
    size_t next;   /* the line that should come now */
    gw_sha256 *running;
    bool is_broken; /* the running hash is not that of the sum any more */
    gw_sum_problems problems;
};

gw_sum_check *
gw_sum_check_new(gw_arena *a, const gw_sum *recorded)
{
    gw_sum_check *const c = gw_new(a, gw_sum_check);
    *c = (gw_sum_check){
        .arena = a,
        .recorded = recorded,
        .lines = gw_map_new(a),
        .is_seen = gw_new_array(a, bool, recorded->lines.len),
        .running = gw_sha256_new(a),
    };
    for (size_t i = 0; i < recorded->lines.len; i++)
        gw_map_put(c->lines, gw_str_of(recorded->lines.at[i].name), &recorded->lines.at[i]);
    return c;
}

static gw_sum_problem *
report(gw_sum_check *c, gw_sum_difference difference, const char *name, size_t line)
{
    gw_sum_problem *const p = gw_vec_push(c->arena, &c->problems);
    *p = (gw_sum_problem){.difference = difference, .name = gw_text(c->arena, name), .line = (unsigned)line + 2};
    return p;
}

/* ---- one file ---- */

/* How git, or an editor, may have changed it without anybody's wish. */
typedef struct disguise {
    gw_sum_difference difference;
    gw_str (*undo)(gw_arena *a, gw_str bytes);
} disguise;

static gw_str
with_lf(gw_arena *a, gw_str bytes)
{
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] != '\r' || i + 1 == bytes.len || bytes.ptr[i + 1] != '\n')
            gw_buf_putc(&out, bytes.ptr[i]);
    return gw_buf_str(&out);
}

static gw_str
with_crlf(gw_arena *a, gw_str bytes)
{
    gw_buf out = gw_buf_new(a);
    const gw_str plain = with_lf(a, bytes);
    for (size_t i = 0; i < plain.len; i++) {
        if (plain.ptr[i] == '\n')
            gw_buf_putc(&out, '\r');
        gw_buf_putc(&out, plain.ptr[i]);
    }
    return gw_buf_str(&out);
}

#define BOM "\xef\xbb\xbf"

static gw_str
without_mark(gw_arena *a, gw_str bytes)
{
    (void)a;
    return gw_str_starts(bytes, BOM) ? gw_str_slice(bytes, 3, bytes.len) : bytes;
}

static gw_str
with_mark(gw_arena *a, gw_str bytes)
{
    gw_buf out = gw_buf_new(a);
    gw_buf_puts(&out, BOM);
    gw_buf_add(&out, without_mark(a, bytes));
    return gw_buf_str(&out);
}

static const disguise disguises[] = {
    {GW_SUM_LINE_ENDS, with_lf},
    {GW_SUM_LINE_ENDS, with_crlf},
    {GW_SUM_MARK, without_mark},
    {GW_SUM_MARK, with_mark},
};

/* Is it the hash of the line when these bytes follow? Then the running one goes on from there. */
static bool
fits(gw_sum_check *c, gw_str bytes, const gw_sum_line *line)
{
    GW_SCOPE(scratch);
    gw_sha256 *const next = gw_sha256_copy(c->arena, c->running);
    gw_sha256_add(next, bytes);
    if (!gw_str_is(gw_str_of(line->hash), gw_sha256_base64(scratch, next)))
        return false;
    c->running = next;
    return true;
}

static void
check_bytes(gw_sum_check *c, const gw_sum_line *line, gw_str bytes)
{
    GW_SCOPE(scratch);
    const size_t at = (size_t)(line - c->recorded->lines.at);
    if (c->is_broken || fits(c, bytes, line))
        return;
    for (size_t i = 0; i < sizeof(disguises) / sizeof(disguises[0]); i++)
        if (fits(c, disguises[i].undo(scratch, bytes), line)) {
            (void)report(c, disguises[i].difference, line->name, at);
            return;
        }
    report(c, GW_SUM_EDITED, line->name, at)->hides_more = at + 1 < c->recorded->lines.len;
    c->is_broken = true;
}

/* Lines before `end` that no file came for: it may come later, then the order is another. */
static void
pass(gw_sum_check *c, size_t end)
{
    c->is_broken = c->is_broken || c->next < end;
    c->next = end;
}

void
gw_sum_check_add(gw_sum_check *c, const char *name, gw_str bytes)
{
    const gw_sum_line *const line = gw_map_get(c->lines, gw_str_of(name));
    if (line == NULL) {
        if (gw_sum_is_ignored(bytes))
            gw_sha256_add(c->running, gw_str_of(name));
        else
            report(c, GW_SUM_ADDED, name, c->next)->is_last = c->next == c->recorded->lines.len;
        return;
    }
    const size_t at = (size_t)(line - c->recorded->lines.at);
    c->is_seen[at] = true;
    if (at < c->next) {
        (void)report(c, GW_SUM_REORDERED, name, at);
        return;
    }
    pass(c, at);
    gw_sha256_add(c->running, gw_str_of(name));
    check_bytes(c, line, bytes);
    c->next = at + 1;
}

/* ---- the whole ---- */

void
gw_sum_check_end(gw_sum_check *c, gw_sum_problems *out)
{
    for (size_t i = 0; i < c->recorded->lines.len; i++)
        if (!c->is_seen[i])
            report(c, GW_SUM_REMOVED, c->recorded->lines.at[i].name, i)->hides_more = i + 1 < c->recorded->lines.len;
    *out = c->problems;
}

const char *
gw_sum_difference_text(gw_sum_difference d)
{
    static const char *const texts[] = {
        [GW_SUM_ADDED] = "is not in it",
        [GW_SUM_REMOVED] = "is gone",
        [GW_SUM_EDITED] = "was edited",
        [GW_SUM_LINE_ENDS] = "has other line ends (LF, CRLF), as git writes them by itself, and is otherwise the same",
        [GW_SUM_MARK] = "differs by a byte order mark at its beginning alone",
        [GW_SUM_REORDERED] = "comes in another order",
    };
    return texts[d];
}
