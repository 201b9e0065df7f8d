#include "migration/marked.h"

#include "migration/flat.h"
#include "migration/marks.h"

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What the words of a name begin behind. */
static gw_str
without_separators(gw_str s)
{
    size_t at = 0;
    while (at < s.len && (s.ptr[at] == '_' || s.ptr[at] == '-' || s.ptr[at] == '.'))
        at++;
    return at < s.len ? gw_str_slice(s, at, s.len) : s;
}

/* "<digits><anything>.sql"; the rest is not looked at by the tool. */
static gw_name
read_digits(gw_str file)
{
    if (gw_str_starts(file, ".") || !gw_str_ends(file, ".sql") || !is_digit(file.ptr[0]))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    const gw_str stem = gw_str_slice(file, 0, file.len - 4);
    size_t digits = 0;
    while (digits < stem.len && is_digit(stem.ptr[digits]))
        digits++;
    return (gw_name){.kind = GW_NAME_UP,
                     .version = gw_str_slice(stem, 0, digits),
                     .name = without_separators(gw_str_slice(stem, digits, stem.len))};
}

static char *
make_name(gw_arena *a, const char *version, const char *name, bool down)
{
    return down ? NULL : gw_printf(a, "%s_%s.sql", version, name);
}

/* One file with both ways; without a way down where none is wanted, unless every file must have its mark. */
static void
add_file(gw_arena *a, const gw_layout *l, const gw_marking *m, const gw_layout_new *p, gw_layout_files *out)
{
    gw_buf text = gw_buf_new(a);
    if (m->up != NULL && !m->implies_up)
        gw_buf_printf(&text, "%s\n", m->up);
    gw_buf_add(&text, p->up);
    if (text.len > 0 && text.ptr[text.len - 1] != '\n')
        gw_buf_putc(&text, '\n');
    if (p->down.ptr != NULL || m->needs_down)
        gw_buf_printf(&text, "%s\n%.*s", m->down, GW_STR_ARG(p->down));
    *gw_vec_push(a, out) = (gw_layout_file){l->make_name(a, p->version, p->name, false), gw_buf_str(&text), false};
}

/* ---- dbmate ---- */

static const gw_mark_words dbmate_words[] = {{"up", GW_MARK_UP}, {"down", GW_MARK_DOWN}, {0}};

static const gw_marking dbmate = {.tool = "dbmate",
                                  .read = gw_marks_read,
                                  .prefix = "-- migrate:",
                                  .any_blanks = true,
                                  .words = dbmate_words,
                                  .up = "-- migrate:up",
                                  .down = "-- migrate:down",
                                  .no_tx = "transaction:false",
                                  .tx = "transaction:true",
                                  .needs_down = true,
                                  .reverses = true,
                                  .is_uniform = true};

static const char *
claims_dbmate(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    (void)a;
    return gw_marks_claims(&dbmate, l, t);
}

static gw_rc
frame_dbmate(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    return gw_marks_frame(a, &dbmate, p, out, e);
}

static gw_rc
make_dbmate(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    (void)e;
    add_file(a, l, &dbmate, p, out);
    return GODWIT_OK;
}

const gw_layout gw_layout_dbmate = {.name = "dbmate",
                                    .example = "20260326170903_create_users.sql",
                                    .evidence = GW_KNOWN_BY_MARKS,
                                    .padded = true,
                                    .both_ways = true,
                                    .read = read_digits,
                                    .claims = claims_dbmate,
                                    .list = gw_flat_list,
                                    .frame = frame_dbmate,
                                    .make_name = make_name,
                                    .make = make_dbmate};
