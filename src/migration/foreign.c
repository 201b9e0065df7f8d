#include "migration/foreign.h"

/* What a line that is only a comment begins with, behind its dashes and blanks. */
static const struct {
    const char *mark, *tool, *layout;
} marks[] = {
    {"migrate:up", "dbmate", "dbmate"},
    {"migrate:down", "dbmate", "dbmate"},
    {"+goose ", "goose", "goose"},
    {"+migrate ", "sql-migrate", "sql-migrate"},
    {"create above / drop below", "tern", "tern"},
    {"liquibase formatted sql", "Liquibase", "liquibase"},
};

/* Is everything between the begin of the line and `at` dashes and blanks, with two dashes at least? */
static bool
follows_dashes(gw_str text, size_t at)
{
    size_t dashes = 0;
    for (; at > 0 && text.ptr[at - 1] != '\n'; at--) {
        if (text.ptr[at - 1] != '-' && text.ptr[at - 1] != ' ' && text.ptr[at - 1] != '\t')
            return false;
        dashes += text.ptr[at - 1] == '-';
    }
    return dashes >= 2;
}

static bool
is_in_statement(const gw_stmts *stmts, size_t at)
{
    size_t low = 0, high = stmts->len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const gw_stmt *const s = &stmts->at[middle];
        const size_t end = s->has_data ? s->data_offset + s->data_length : s->offset + s->length;
        if (at < s->offset)
            high = middle;
        else if (at >= end)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

/* Offset of the mark in a comment between statements; text.len when there is none. */
static size_t
find_mark(gw_str text, const gw_stmts *stmts, const char *mark)
{
    const size_t len = strlen(mark);
    size_t from = 0;
    for (const char *hit; (hit = memmem(text.ptr + from, text.len - from, mark, len)) != NULL;) {
        const size_t at = (size_t)(hit - text.ptr);
        if (follows_dashes(text, at) && !is_in_statement(stmts, at))
            return at;
        from = at + len;
    }
    return text.len;
}

gw_rc
gw_foreign_check(const char *path, gw_str text, const gw_stmts *stmts, gw_err *e)
{
    const bool has_comments = text.len > 0 && memmem(text.ptr, text.len, "--", 2) != NULL;
    for (size_t i = 0; has_comments && i < sizeof(marks) / sizeof(marks[0]); i++) {
        const size_t at = find_mark(text, stmts, marks[i].mark);
        if (at == text.len)
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "this line is a mark of %s, and is not read as one here", marks[i].tool);
        (void)gw_err_at(e, path, text, at);
        return gw_err_hint(e,
                           "where the folder is written for %s, say so: `layout: %s`; the files of one folder are of "
                           "one layout, and a mark begins its line",
                           marks[i].tool, marks[i].layout);
    }
    return GODWIT_OK;
}
