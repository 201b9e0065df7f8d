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
                                  .up_first = true,
                                  .needs_down = true,
                                  .reverses = true,
                                  .is_uniform = true};

static gw_rc
frame_dbmate(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    return gw_marks_frame(a, &dbmate, p, out, e);
}

const gw_layout gw_layout_dbmate = {.name = "dbmate",
                                    .example = "20260326170903_create_users.sql",
                                    .evidence = GW_KNOWN_BY_MARKS,
                                    .padded = true,
                                    .both_ways = true,
                                    .read = read_digits,
                                    .marking = &dbmate,
                                    .claims = gw_marks_claims,
                                    .list = gw_flat_list,
                                    .frame = frame_dbmate,
                                    .make_name = make_name,
                                    .make = gw_marks_make};

/* ---- goose ---- */

static const gw_mark_words goose_words[] = {{"Up", GW_MARK_UP},
                                            {"Down", GW_MARK_DOWN},
                                            {"StatementBegin", GW_MARK_BEGIN},
                                            {"StatementEnd", GW_MARK_END},
                                            {"NO TRANSACTION", GW_MARK_NO_TX},
                                            {"ENVSUB ON", GW_MARK_EXPAND},
                                            {"ENVSUB OFF", GW_MARK_EXPAND_OFF},
                                            {0}};

static const gw_marking goose = {.tool = "goose",
                                 .read = gw_marks_read,
                                 .prefix = "-- +goose ",
                                 .any_blanks = true,
                                 .any_case = true,
                                 .words = goose_words,
                                 .up = "-- +goose Up",
                                 .down = "-- +goose Down",
                                 .up_first = true,
                                 .needs_up = true,
                                 .is_twofold = true};

/* goose also expands $NAME, and takes $$ for a dollar: nothing of that may be run as it stands. */
static gw_rc
check_dollars(const gw_frame_params *p, const gw_frame *f, gw_err *e)
{
    for (size_t i = 0; i < f->expands.len; i++) {
        bool is_comment = false, is_begin = true;
        for (size_t at = f->expands.at[i].from; at < f->expands.at[i].to; at++) {
            const char c = f->text.ptr[at];
            const gw_str rest = gw_str_slice(f->text, at, f->text.len);
            is_comment = is_begin ? gw_str_starts(rest, "--") : is_comment && c != '\n';
            is_begin = c == '\n' || (is_begin && (c == ' ' || c == '\t'));
            if (c != '$' || is_comment || gw_str_starts(rest, "${"))
                continue;
            (void)gw_fail(e, GODWIT_FOLDER, "goose would expand this dollar sign, and godwit expands ${NAME} only");
            (void)gw_err_at(e, p->path, p->text, at);
            return gw_err_hint(e, "write ${NAME}, or put this behind `-- +goose ENVSUB OFF`");
        }
    }
    return GODWIT_OK;
}

static gw_rc
frame_goose(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    GW_TRY(gw_marks_frame(a, &goose, p, out, e));
    return check_dollars(p, out, e);
}

/* "<digits>_<anything>": what goose numbers is a migration, also one in Go. */
static gw_name
read_goose(gw_str file)
{
    const bool is_go = gw_str_ends(file, ".go") && !gw_str_ends(file, "_test.go");
    if (gw_str_starts(file, ".") || (!is_go && !gw_str_ends(file, ".sql")) || (is_go && !is_digit(file.ptr[0])))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (is_go)
        return gw_flat_wrong("it is written in Go, which godwit does not run");
    return gw_flat_read_plain(file);
}

const gw_layout gw_layout_goose = {.name = "goose",
                                   .example = "00001_create_users.sql",
                                   .evidence = GW_KNOWN_BY_MARKS,
                                   .both_ways = true,
                                   .read = read_goose,
                                   .marking = &goose,
                                   .claims = gw_marks_claims,
                                   .list = gw_flat_list,
                                   .frame = frame_goose,
                                   .make_name = make_name,
                                   .make = gw_marks_make};
