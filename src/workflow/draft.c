#include "workflow/draft.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "migration/content.h"
#include "migration/integrity.h"
#include "migration/layouts.h"
#include "migration/version.h"
#include "workflow/report.h"

enum { NAME_CAP = 120 };

/* "Add users' e-mail" → "add_users_e_mail" */
static char *
words_of(gw_arena *a, const char *words)
{
    gw_buf out = gw_buf_new(a);
    bool gap = false;
    for (const char *c = words; *c != '\0'; c++) {
        const bool upper = *c >= 'A' && *c <= 'Z';
        const bool kept = upper || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || (unsigned char)*c >= 0x80;
        if (kept && gap && out.len > 0)
            gw_buf_putc(&out, '_');
        if (kept)
            gw_buf_putc(&out, upper ? (char)(*c - 'A' + 'a') : *c);
        gap = !kept && (gap || *c != '\'');
    }
    return gw_strdup(a, gw_buf_str(&out));
}

gw_rc
gw_draft_name(gw_arena *a, const char *words, const char **out, gw_err *e)
{
    const char *const said = words == NULL ? "" : words;
    *out = words_of(a, said);
    if ((*out)[0] != '\0' && gw_str_of(*out).len <= NAME_CAP)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_USAGE, "'%s' does not make a file name: use letters and digits, at most %d", said,
                   NAME_CAP);
}

/* The number that the highest version begins with; an index may list them in another order. NULL: there is none. */
static const char *
highest(gw_arena *a, const gw_folder *folder)
{
    gw_str found = {0};
    for (size_t i = 0; i < folder->files.len; i++) {
        const char *const version = folder->files.at[i].version;
        const gw_str number = {version, strspn(version, "0123456789")};
        if (number.len > 0 && (found.ptr == NULL || gw_version_compare(number, found) > 0))
            found = number;
    }
    return found.ptr == NULL ? NULL : gw_strdup(a, found);
}

gw_rc
gw_draft_version(gw_arena *a, const gw_folder *folder, const char **out, gw_err *e)
{
    const char *const newest = highest(a, folder);
    if (folder->files.len == 0 && folder->layout->first != NULL) {
        *out = folder->layout->first;
        return GODWIT_OK;
    }
    if (newest != NULL && !folder->timestamped) {
        *out = gw_version_next(a, gw_str_of(newest));
        return GODWIT_OK;
    }
    *out = gw_clock_version(a);
    if (newest == NULL || gw_version_compare(gw_str_of(*out), gw_str_of(newest)) > 0)
        return GODWIT_OK;
    /* Two within a second, or a newest file from the future: continue behind it. */
    *out = gw_version_second_after(a, gw_str_of(newest));
    if (gw_version_compare(gw_str_of(*out), gw_str_of(newest)) > 0)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_FOLDER, "nothing can be dated after the newest migration %s", newest);
}

gw_rc
gw_draft_check_name(gw_arena *a, const gw_layout *layout, const char *version, const char *name, gw_err *e)
{
    if (gw_layout_has_name(layout, version, name))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "%s would not be read as a migration", layout->make_name(a, version, name, false));
    return gw_err_hint(e, "choose a name that ends in another word");
}

gw_rc
gw_draft_check_seal(gw_arena *a, gw_folder *folder, gw_err *e)
{
    if (folder->covered.sum == NULL)
        return GODWIT_OK;
    GW_TRY(gw_content_read(a, folder, e));
    return gw_integrity_check(folder, e);
}

static gw_rc
write_file(gw_arena *a, gw_call *call, const gw_folder *folder, const gw_layout_file *file, bool is_shown, gw_err *e)
{
    char *const path = gw_path_join(a, folder->path, file->file);
    const char *const slash = strrchr(path, '/');
    GW_TRY(gw_dir_make(gw_strdup(a, (gw_str){path, (size_t)(slash - path)}), e));
    GW_TRY(file->replaces ? gw_file_write(path, file->text, e) : gw_file_create(path, file->text, e));
    if (is_shown)
        gw_report_path(call, path);
    return GODWIT_OK;
}

gw_rc
gw_draft_write(gw_call *call, const gw_folder *folder, const gw_layout_files *files, gw_err *e)
{
    for (size_t i = 0; i < files->len; i++) { /* an index is nothing to look at; a file that got longer is */
        GW_SCOPE(a);
        const bool is_shown = !files->at[i].replaces || files->len == 1;
        GW_TRY(write_file(a, call, folder, &files->at[i], is_shown, e));
    }
    return GODWIT_OK;
}
