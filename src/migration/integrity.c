#include "migration/integrity.h"

#include "sql/source.h"

static const char restore[] =
    "restore it from version control; if the change is meant, and applied nowhere: `godwit hash`";

/* By gw_sum_difference. */
static const char *const hints[] = {
    [GW_SUM_ADDED] = "if it is meant to be there: `godwit hash`",
    [GW_SUM_REMOVED] = restore,
    [GW_SUM_EDITED] = restore,
    [GW_SUM_LINE_ENDS] = "let git leave them alone: `*.sql -text` in .gitattributes, then check the file out again",
    [GW_SUM_MARK] = "save the file as it was, with or without the mark; or `godwit hash`, where it is applied nowhere",
    [GW_SUM_REORDERED] = "write the sum file anew: `godwit hash`",
};

static const char behind[] = "it comes before files that are recorded: `godwit rebase` gives it a newer version; if it "
                             "is meant to be there: `godwit hash`";

static void
fill(const gw_folder *f, const gw_sum_problem *p, gw_err *e)
{
    GW_SCOPE(scratch);
    const char *const more = p->hides_more ? "; what comes behind it cannot be judged" : "";
    (void)gw_fail(e, GODWIT_FOLDER, "%s %s%s", p->name, gw_sum_difference_text(p->difference), more);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(gw_path_join(scratch, f->path, f->covered.sum)));
    e->line = p->line;
    e->column = 1;
    const bool is_between = p->difference == GW_SUM_ADDED && !p->is_last;
    (void)gw_err_hint(e, "%s", is_between ? behind : hints[p->difference]);
}

gw_rc
gw_integrity_check(const gw_folder *folder, gw_err *e)
{
    enum { SHOWN = 5 };
    const gw_sum_problems *const all = &folder->differences;
    if (all->len == 0)
        return GODWIT_OK;
    fill(folder, &all->at[0], e);
    for (size_t i = 1; i < all->len && i <= SHOWN; i++)
        (void)gw_err_note(e, "%s %s", all->at[i].name, gw_sum_difference_text(all->at[i].difference));
    return e->rc;
}

void
gw_integrity_problems(gw_arena *a, const gw_folder *folder, gw_problems *out)
{
    for (size_t i = 0; i < folder->differences.len; i++) {
        gw_err *const e = gw_vec_push(a, out);
        *e = (gw_err){0};
        fill(folder, &folder->differences.at[i], e);
    }
}

gw_rc
gw_integrity_sum(gw_arena *a, const gw_folder *folder, const char **path, char **text, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_tree tree;
    gw_covered covered;
    gw_sum sum;
    GW_TRY(gw_tree_open(scratch, folder->path, &tree, e));
    GW_TRY(gw_covered_find(scratch, folder->layout, &tree, true, &covered, e));
    gw_sum_begin(scratch, &sum);
    for (size_t i = 0; i < covered.names.len; i++) {
        GW_SCOPE(one);
        gw_str bytes;
        GW_TRY(gw_file_read(one, gw_path_join(one, folder->path, covered.names.at[i]), GW_SQL_FILE_CAP, &bytes, e));
        gw_sum_add(&sum, covered.names.at[i], bytes);
    }
    *path = gw_path_join(a, folder->path, covered.sum);
    *text = gw_sum_text(a, &sum);
    return GODWIT_OK;
}
