#include "migration/equivalence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "cases.h"
#include "migration/layouts.h"
#include "show_error.h"
#include "trees.h"

static gw_dialect
dialect_of(gw_str name)
{
    return (gw_dialect){.kind = gw_str_is(name, "mysql")      ? GW_DIALECT_MYSQL
                                : gw_str_is(name, "postgres") ? GW_DIALECT_POSTGRES
                                                              : GW_DIALECT_SQLITE};
}

/* Files as tree_of() reads them. */
static gw_str
lines_of(gw_arena *a, const gw_layout_files *files)
{
    gw_buf out = gw_buf_new(a);
    for (size_t i = 0; i < files->len; i++) {
        gw_buf_printf(&out, "%s\n", files->at[i].file);
        for (gw_str rest = files->at[i].text; rest.len > 0;) {
            const gw_str line = gw_str_cut(rest, '\n', &rest);
            gw_buf_printf(&out, "|%s%.*s\n", line.len > 0 ? " " : "", GW_STR_ARG(line));
        }
    }
    return gw_buf_str(&out);
}

/* Make it, and check it. */
static gw_rc
convert(gw_arena *a, gw_conversion_params *p, const char *from, const gw_tree *tree, gw_conversion *out, gw_err *e)
{
    gw_folder *const folder = gw_new(a, gw_folder);
    const gw_folder_params fp = {.path = tree->path, .layout = from};
    p->from.tree = tree;
    p->from.folder = folder;
    p->project = "shop";
    p->now_ms = 1700000000000;
    GW_TRY(gw_folder_arrange(a, &fp, tree, folder, e));
    GW_TRY(gw_conversion_make(a, p, out, e));
    const gw_tree made = tree_of(a, "new", lines_of(a, &out->files));
    return gw_equivalence_check(a, p, out, &made, e);
}

/* Input: from, to, dialect, and what is left out; then a tree. */
static gw_str
convert_case(gw_arena *a, const test_case *c, void *ctx)
{
    gw_buf out = gw_buf_new(a);
    gw_err e = {0};
    gw_str lines, wrong, rest;
    gw_conversion made = {0};
    (void)ctx;
    const char *const from = gw_strdup(a, gw_str_cut(gw_str_cut(c->input, '\n', &lines), ' ', &rest));
    gw_conversion_params p = {.to = gw_layout_find(gw_strdup(a, gw_str_cut(rest, ' ', &rest)))};
    p.from.dialect = dialect_of(gw_str_cut(rest, ' ', &rest));
    p.without = gw_conversion_parts(rest, &wrong);
    assert_non_null(p.to);
    assert_null(wrong.ptr);
    const gw_tree tree = tree_of(a, "m", lines);
    if (convert(a, &p, from, &tree, &made, &e) != GODWIT_OK)
        show_error(&out, &e);
    else
        gw_buf_add(&out, lines_of(a, &made.files));
    for (size_t i = 0; e.rc == GODWIT_OK && i < made.notes.len; i++)
        gw_buf_printf(&out, "%s\n", made.notes.at[i]);
    return gw_buf_str(&out);
}

static void
writes_a_folder_in_another_layout(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/convert.txt", convert_case, NULL), 0);
}

/* ---- every layout into every other ---- */

static const struct {
    const char *dialect, *lines;
} rich[] = {
    {"postgres",
     "0001_users.sql\n| -- the people\n| CREATE TABLE users (id int); -- as they are\n|\n| -- and their words\n"
     "| CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$\n| BEGIN\n|     RETURN 1;\n| END $$;\n"
     "| INSERT INTO users VALUES (1); INSERT INTO users VALUES (2);\n"
     "0001_users_down.sql\n| DROP FUNCTION one();\n| DROP TABLE users;\n"
     "0001_users.verify.sql\n| SELECT id FROM users WHERE false;\n"
     "0002_users_id.sql\n| -- godwit:timeout 30s\n| CREATE INDEX CONCURRENTLY users_id ON users (id);\n"
     "0002_users_id_down.sql\n| DROP INDEX users_id;\n"
     "0003_mixed.sql\n| -- godwit:tx none\n| CREATE TABLE a (id int);\n|\n| -- godwit:lock-timeout 2s\n"
     "| CREATE TABLE b (id int);\n"
     "R__views.sql\n| CREATE OR REPLACE VIEW v AS SELECT id FROM users\n"},
    {"mysql",
     "0001_users.sql\n| CREATE TABLE users (id int);\n| INSERT INTO users VALUES (1);\n"
     "0001_users_down.sql\n| DROP TABLE users;\n"
     "0002_tick.sql\n| CREATE PROCEDURE tick()\n| BEGIN\n|     INSERT INTO users VALUES (2);\n|     SELECT 1;\n| END;\n"
     "| # behind it\n| CREATE TABLE t (id int);\n"},
    {"sqlite", "0001_users.sql\n| CREATE TABLE users (id int);\n| CREATE TRIGGER t AFTER INSERT ON users BEGIN\n"
               "|     UPDATE users SET id = 2;\n|     SELECT 1;\n| END;\n"
               "0001_users_down.sql\n| DROP TABLE users;\n"
               "0002_more.sql\n| INSERT INTO users VALUES (1);\n"},
};

static unsigned
lacking(const gw_layout *l)
{
    return ~l->parts & (GW_PART_DOWN | GW_PART_VERIFY | GW_PART_REPEATABLE | GW_PART_CHECKPOINT);
}

static void
every_layout_converts_into_every_other(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof(rich) / sizeof(rich[0]); r++)
        for (size_t i = 1; i < gw_layout_count; i++)
            for (size_t k = 0; k < gw_layout_count; k++) {
                GW_SCOPE(a);
                gw_err e = {0};
                gw_conversion one = {0}, two = {0};
                gw_conversion_params p = {.from = {.dialect = dialect_of(gw_str_of(rich[r].dialect))}};
                const gw_tree first = tree_of(a, "m", gw_str_of(rich[r].lines));
                if (k == i)
                    continue;
                p.to = gw_layouts[i];
                p.without = lacking(gw_layouts[i]);
                if (convert(a, &p, "native", &first, &one, &e) != GODWIT_OK)
                    fail_msg("%s: native → %s: %s:%u: %s", rich[r].dialect, p.to->name, e.path, e.line, e.message);
                const gw_tree second = tree_of(a, "m", lines_of(a, &one.files));
                p.to = gw_layouts[k];
                p.without = lacking(gw_layouts[k]);
                if (convert(a, &p, gw_layouts[i]->name, &second, &two, &e) != GODWIT_OK)
                    fail_msg("%s: %s → %s: %s:%u: %s (%s)\n%.*s", rich[r].dialect, gw_layouts[i]->name, p.to->name,
                             e.path, e.line, e.message, e.notes, GW_STR_ARG(lines_of(a, &two.files)));
            }
}

/* ---- what is not the same is found ---- */

/* The files of a conversion, each text with one part replaced. */
static gw_rc
tampered(gw_arena *a, const char *lines, const char *part, const char *by, gw_err *e)
{
    gw_conversion made = {0};
    gw_conversion_params p = {.to = gw_layout_find("native"), .from = {.dialect = {.kind = GW_DIALECT_POSTGRES}}};
    const gw_tree tree = tree_of(a, "m", gw_str_of(lines));
    GW_TRY(convert(a, &p, "up-down", &tree, &made, e));
    const gw_str text = lines_of(a, &made.files);
    const char *const hit = memmem(text.ptr, text.len, part, strlen(part));
    assert_non_null(hit);
    const size_t at = (size_t)(hit - text.ptr);
    const gw_str rest = gw_str_slice(text, at + strlen(part), text.len);
    const gw_tree other =
        tree_of(a, "new", gw_str_of(gw_printf(a, "%.*s%s%.*s", (int)at, text.ptr, by, GW_STR_ARG(rest))));
    return gw_equivalence_check(a, &p, &made, &other, e);
}

static void
whatever_is_another_is_found(void **state)
{
    static const char lines[] =
        "1_a.up.sql\n| -- godwit:assert SELECT 1\n| -- godwit:skip-on test\n| CREATE TABLE a (id int);\n"
        "| -- godwit:timeout 3s\n| -- godwit:nolint X1 why\n| CREATE TABLE b (id int);\n"
        "1_a.down.sql\n| DROP TABLE b;\n1_a.verify.sql\n| SELECT 1;\n"
        "2_b.up.sql\n| -- godwit:envsub on\n| COPY b FROM stdin;\n| 1\n| \\.\n"
        "3_c.up.sql\n| SELECT 3;\nR__v.sql\n| SELECT 4;\n";
    static const struct {
        const char *part, *by, *says;
    } rows[] = {
        {"TABLE a", "TABLE aa", "statement 1 of the way up cannot be said in the layout native: its text"},
        {"| CREATE TABLE b (id int);\n", "| CREATE TABLE b (id int);\n| SELECT 1;\n", "how many statements there are"},
        {"| CREATE TABLE b (id int);\n", "", "concerns no statement"},
        {"| SELECT 3;\n", "", "how many statements there are"},
        {"| -- godwit:timeout 3s\n", "", "its timeout"},
        {"| -- godwit:nolint X1 why\n", "", "what lint leaves out"},
        {"| -- godwit:skip-on test\n", "", "where it runs"},
        {"SELECT 1\n", "SELECT 2\n", "what is to hold before it"},
        {"| -- godwit:assert SELECT 1\n", "", "what is to hold before it"},
        {"| -- godwit:envsub on\n", "", "whether variables are expanded"},
        {"| 1\n", "| 2\n", "its data"},
        {"| -- godwit:skip-on", "| -- godwit:tx none\n| -- godwit:skip-on", "the transaction in which it runs"},
        {"| SELECT 3;", "| -- godwit:checkpoint\n| SELECT 3;", "its kind"},
        {"1_a_down.sql\n| DROP TABLE b;\n", "", "whether it is there"},
        {"| DROP TABLE b;", "| DROP TABLE c;", "statement 1 of the way down"},
        {"1_a.verify.sql\n| SELECT 1;\n", "", "the verify script of"},
        {"3_c.sql\n| SELECT 3;\n", "", "its kind"},
        {"R__v.sql\n| SELECT 4;\n", "", "at another place"},
        {"R__v.sql\n", "4_d.sql\n| SELECT 5;\nR__v.sql\n", "its kind"},
        {"R__v.sql\n| SELECT 4;\n", "R__v.sql\n| SELECT 4;\nR__w.sql\n| SELECT 5;\n", "at another place"},
        {"3_c.sql\n", "5_c.sql\n", "are missing between"},
        {"3_c.sql\n", "3-c.sql\n", "is not a migration"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        GW_SCOPE(a);
        gw_err e = {0};
        const gw_rc rc = tampered(a, lines, rows[i].part, rows[i].by, &e);
        if (rc != GODWIT_FOLDER || strstr(e.message, rows[i].says) == NULL || e.hint[0] == '\0')
            fail_msg("row %zu: %s (%s)", i, e.message, e.hint);
    }
}

/* ---- the documents ---- */

static void
add_row(gw_buf *out, const gw_layout *l)
{
    static const char *const versions[] = {"numbers",           "1, 2, 3, …", "date and time",
                                           "numbers with dots", "any",        "the name"};
    static const char *const marks[] = {"`-- godwit:tx none`", "`-- godwit:tx none`, for godwit alone",
                                        "its mark, for each way", "its mark, for both ways"};
    const char *const own = l->dress == NULL ? NULL : l->dress->no_tx;
    gw_buf_printf(out, "| `%s` | %s |", l->name, versions[l->versions]);
    for (unsigned part = GW_PART_DOWN; part <= GW_PART_CHECKPOINT; part *= 2)
        gw_buf_puts(out, (l->parts & part) != 0 ? " yes |" : " – |");
    if (own != NULL)
        gw_buf_printf(out, " `%s` |\n", own);
    else
        gw_buf_printf(out, " %s |\n", marks[l->tx_mark]);
}

static void
the_documents_have_the_row_of_each_layout(void **state)
{
    GW_SCOPE(a);
    gw_err e = {0};
    gw_str text;
    (void)state;
    assert_int_equal(gw_file_read(a, TEST_DATA "/../../docs/layouts.md", SIZE_MAX, &text, &e), GODWIT_OK);
    for (size_t i = 0; i < gw_layout_count; i++) {
        gw_buf row = gw_buf_new(a);
        add_row(&row, gw_layouts[i]);
        if (memmem(text.ptr, text.len, row.ptr, row.len) == NULL)
            fail_msg("docs/layouts.md lacks the row %s", gw_buf_text(&row));
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_a_folder_in_another_layout),
        cmocka_unit_test(every_layout_converts_into_every_other),
        cmocka_unit_test(whatever_is_another_is_found),
        cmocka_unit_test(the_documents_have_the_row_of_each_layout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
