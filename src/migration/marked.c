#include "migration/marked.h"

#include <string.h>

#include "migration/flat.h"
#include "migration/marks.h"
#include "migration/version.h"

static size_t
count_digits(gw_str s)
{
    size_t digits = 0;
    while (digits < s.len && gw_is_digit(s.ptr[digits]))
        digits++;
    return digits;
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
    if (gw_str_starts(file, ".") || !gw_str_ends(file, ".sql") || !gw_is_digit(file.ptr[0]))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    const gw_str stem = gw_str_slice(file, 0, file.len - 4);
    const size_t digits = count_digits(stem);
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
                                    .parts = GW_PART_DOWN,
                                    .tx_mark = GW_TX_MARK_WAY,
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
                                 .no_tx_line = "-- +goose NO TRANSACTION",
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
    if (gw_str_starts(file, ".") || (!is_go && !gw_str_ends(file, ".sql")) || (is_go && !gw_is_digit(file.ptr[0])))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (is_go)
        return gw_flat_wrong("it is written in Go, which godwit does not run");
    return gw_flat_read_plain(file);
}

static const gw_dress dress_goose = {.begin = "-- +goose StatementBegin",
                                     .end = "-- +goose StatementEnd",
                                     .expand = "-- +goose ENVSUB ON",
                                     .expand_off = "-- +goose ENVSUB OFF"};

const gw_layout gw_layout_goose = {.name = "goose",
                                   .example = "00001_create_users.sql",
                                   .evidence = GW_KNOWN_BY_MARKS,
                                   .both_ways = true,
                                   .parts = GW_PART_DOWN,
                                   .tx_mark = GW_TX_MARK_BOTH,
                                   .dress = &dress_goose,
                                   .read = read_goose,
                                   .marking = &goose,
                                   .claims = gw_marks_claims,
                                   .list = gw_flat_list,
                                   .frame = frame_goose,
                                   .make_name = make_name,
                                   .make = gw_marks_make};

/* ---- sql-migrate ---- */

static const gw_mark_words sql_migrate_words[] = {
    {"Up", GW_MARK_UP}, {"Down", GW_MARK_DOWN}, {"StatementBegin", GW_MARK_BEGIN}, {"StatementEnd", GW_MARK_END}, {0}};

static const gw_marking sql_migrate = {.tool = "sql-migrate",
                                       .read = gw_marks_read,
                                       .prefix = "-- +migrate ",
                                       .words = sql_migrate_words,
                                       .up = "-- +migrate Up",
                                       .down = "-- +migrate Down",
                                       .no_tx = "notransaction"};

static gw_rc
frame_sql_migrate(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    return gw_marks_frame(a, &sql_migrate, p, out, e);
}

/* Its whole name is what it is known by: two may begin with the same number. */
static gw_name
read_sql_migrate(gw_str file)
{
    if (gw_str_starts(file, ".") || !gw_str_ends(file, ".sql"))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    const gw_str stem = gw_str_slice(file, 0, file.len - 4);
    return (gw_name){.kind = GW_NAME_UP,
                     .version = stem,
                     .name = without_separators(gw_str_slice(stem, count_digits(stem), stem.len))};
}

/* By the number that they begin with; those without behind all others; then by their bytes. */
static int
by_number(const void *left, const void *right)
{
    const gw_listed *const a = left;
    const gw_listed *const b = right;
    const gw_str x = gw_str_slice(gw_str_of(a->file), 0, count_digits(gw_str_of(a->file)));
    const gw_str y = gw_str_slice(gw_str_of(b->file), 0, count_digits(gw_str_of(b->file)));
    if ((x.len > 0) != (y.len > 0))
        return x.len > 0 ? -1 : 1;
    const int order = gw_version_compare(x, y);
    return order != 0 ? order : strcmp(a->file, b->file);
}

static gw_rc
list_sql_migrate(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    GW_TRY(gw_flat_list(a, l, t, out, e));
    gw_sort(out->at, out->len, sizeof(*out->at), by_number);
    return GODWIT_OK;
}

static char *
make_name_sql_migrate(gw_arena *a, const char *version, const char *name, bool down)
{
    return down ? NULL : gw_printf(a, "%s-%s.sql", version, name);
}

static const gw_dress dress_sql_migrate = {.begin = "-- +migrate StatementBegin", .end = "-- +migrate StatementEnd"};

const gw_layout gw_layout_sql_migrate = {.name = "sql-migrate",
                                         .example = "20260326170903-create_users.sql",
                                         .evidence = GW_KNOWN_BY_MARKS,
                                         .keeps_order = true,
                                         .both_ways = true,
                                         .parts = GW_PART_DOWN,
                                         .tx_mark = GW_TX_MARK_WAY,
                                         .dress = &dress_sql_migrate,
                                         .read = read_sql_migrate,
                                         .marking = &sql_migrate,
                                         .claims = gw_marks_claims,
                                         .list = list_sql_migrate,
                                         .frame = frame_sql_migrate,
                                         .make_name = make_name_sql_migrate,
                                         .make = gw_marks_make};

/* ---- tern ---- */

static bool
read_tern_mark(const gw_marking *m, gw_str text, gw_mark *out)
{
    static const gw_mark_words lines[] = {{"---- create above / drop below ----", GW_MARK_DOWN},
                                          {"---- tern: disable-tx ----", GW_MARK_NO_TX},
                                          {"---- tern:", GW_MARK_UNKNOWN},
                                          {0}};
    const gw_str line = gw_str_trim(text);
    (void)m;
    for (const gw_mark_words *w = lines; w->words != NULL; w++)
        if (w->kind == GW_MARK_UNKNOWN ? gw_str_starts(line, w->words) : gw_str_is(line, w->words)) {
            *out = (gw_mark){.kind = w->kind};
            return true;
        }
    return false;
}

static const gw_marking tern = {.tool = "tern",
                                .read = read_tern_mark,
                                .down = "---- create above / drop below ----",
                                .implies_up = true,
                                .no_tx_line = "---- tern: disable-tx ----",
                                .no_tx_by_way = true,
                                .is_twofold = true};

/* tern fills in templates wherever they stand, also in strings; a comment may keep them. */
static gw_rc
frame_tern(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    GW_TRY(gw_marks_frame(a, &tern, p, out, e));
    for (gw_str rest = out->text; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        const char *const hit = line.len == 0 ? NULL : memmem(line.ptr, line.len, "{{", 2);
        if (hit == NULL || gw_str_starts(gw_str_trim(line), "--"))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "this is a Go template, which tern fills in and godwit does not");
        (void)gw_err_at(e, p->path, p->text, (size_t)(hit - out->text.ptr));
        return gw_err_hint(e, "write what it stands for; what is shared between files goes into each of them");
    }
    return GODWIT_OK;
}

/* "<digits>_<name>.sql"; other names are nothing to it. */
static gw_name
read_tern(gw_str file)
{
    const gw_name n = gw_flat_read_plain(file);
    return n.kind == GW_NAME_WRONG ? (gw_name){.kind = GW_NAME_FOREIGN} : n;
}

static gw_rc
list_tern(gw_arena *a, const gw_layout *l, const gw_tree *t, gw_listing *out, gw_err *e)
{
    GW_TRY(gw_flat_list(a, l, t, out, e));
    const gw_listed *first = NULL;
    for (size_t i = 0; i < out->len; i++)
        if (first == NULL || gw_version_compare(gw_str_of(out->at[i].version), gw_str_of(first->version)) < 0)
            first = &out->at[i];
    if (first == NULL || gw_version_compare(gw_str_of(first->version), GW_STR_LIT("1")) == 0)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "the first migration of tern is number 1, and here it is %s", first->file);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(a, t->path, first->file)));
    return gw_err_hint(e, "number the files from 1 on, without gaps");
}

const gw_layout gw_layout_tern = {.name = "tern",
                                  .example = "001_create_users.sql",
                                  .evidence = GW_KNOWN_BY_MARKS,
                                  .first = "001",
                                  .both_ways = true,
                                  .versions = GW_VERSIONS_FROM_ONE,
                                  .parts = GW_PART_DOWN,
                                  .tx_mark = GW_TX_MARK_WAY,
                                  .read = read_tern,
                                  .marking = &tern,
                                  .claims = gw_marks_claims,
                                  .list = list_tern,
                                  .frame = frame_tern,
                                  .make_name = make_name,
                                  .make = gw_marks_make};

/* ---- node-pg-migrate ---- */

static gw_str
without_leading(gw_str s, const char *any_of)
{
    size_t at = 0;
    while (at < s.len && strchr(any_of, s.ptr[at]) != NULL)
        at++;
    return gw_str_slice(s, at, s.len);
}

static bool
take_word(gw_str *s, const char *word)
{
    const size_t len = strlen(word);
    if (s->len < len || !gw_str_is_nocase(gw_str_slice(*s, 0, len), word))
        return false;
    *s = gw_str_slice(*s, len, s->len);
    return true;
}

/* "-- Up Migration", whatever follows. */
static bool
read_node_mark(const gw_marking *m, gw_str text, gw_mark *out)
{
    gw_str rest = without_leading(text, " \t");
    (void)m;
    if (!gw_str_starts(rest, "--"))
        return false;
    rest = without_leading(rest, " \t-");
    const bool is_up = take_word(&rest, "up");
    if (!is_up && !take_word(&rest, "down"))
        return false;
    gw_str behind = without_leading(rest, " \t");
    *out = (gw_mark){.kind = is_up ? GW_MARK_UP : GW_MARK_DOWN};
    return behind.len < rest.len && take_word(&behind, "migration");
}

static const gw_marking node_pg_migrate = {.tool = "node-pg-migrate",
                                           .read = read_node_mark,
                                           .up = "-- Up Migration",
                                           .down = "-- Down Migration",
                                           .may_lack = true,
                                           .needs_up = true,
                                           .is_twofold = true};

static gw_rc
frame_node_pg_migrate(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    return gw_marks_frame(a, &node_pg_migrate, p, out, e);
}

static gw_name
read_node_pg_migrate(gw_str file)
{
    static const char *const scripts[] = {".js", ".ts", ".cjs", ".mjs", ".cts", ".mts"};
    for (size_t i = 0; file.len > 0 && gw_is_digit(file.ptr[0]) && i < sizeof(scripts) / sizeof(scripts[0]); i++)
        if (gw_str_ends(file, scripts[i]))
            return gw_flat_wrong("it is written in JavaScript or TypeScript, which godwit does not run");
    return gw_flat_read_plain(file);
}

const gw_layout gw_layout_node_pg_migrate = {.name = "node-pg-migrate",
                                             .example = "1414549381268_create_users.sql",
                                             .evidence = GW_KNOWN_BY_MARKS,
                                             .both_ways = true,
                                             .parts = GW_PART_DOWN,
                                             .tx_mark = GW_TX_MARK_NONE,
                                             .read = read_node_pg_migrate,
                                             .marking = &node_pg_migrate,
                                             .claims = gw_marks_claims,
                                             .list = gw_flat_list,
                                             .frame = frame_node_pg_migrate,
                                             .make_name = make_name,
                                             .make = gw_marks_make};
