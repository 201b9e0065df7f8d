#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "migration/content.h"
#include "migration/integrity.h"
#include "migration/pattern.h"
#include "migration/version.h"
#include "workflow/migrations.h"
#include "workflow/report.h"
#include "workflow/seal.h"
#include "workflow/workflow.h"

enum { NAME_CAP = 120 };

/* "Add users' e-mail" → "add_users_e_mail" */
static char *
file_name_of(gw_arena *a, const char *words)
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

static gw_rc
next_version(gw_arena *a, const gw_folder *folder, const char **out, gw_err *e)
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

static gw_rc
dialect_for_pattern(gw_call *call, const char *pattern, gw_dialect_kind *out, gw_err *e)
{
    *out = GW_DIALECT_POSTGRES;
    if (pattern == NULL)
        return GODWIT_OK;
    return gw_migrations_dialect(call, "the pattern's SQL depends on the database", out, e);
}

/* A name like "users down" would make a file that the folder takes for another one's down file. */
static gw_rc
check_name(gw_arena *a, const gw_layout *layout, const char *version, const char *name, gw_err *e)
{
    if (layout->make_name == NULL)
        return GODWIT_OK;
    const char *const file = layout->make_name(a, version, name, false);
    const gw_name read = layout->read(gw_str_of(file));
    if (read.kind == GW_NAME_UP && gw_str_is(read.name, name))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "%s would not be read as a migration", file);
    return gw_err_hint(e, "choose a name that ends in another word");
}

/* What differs from its sum file already would be sealed with what is new. */
static gw_rc
check_seal(gw_arena *a, gw_folder *folder, gw_err *e)
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

static gw_rc
write_files(gw_arena *a, gw_call *call, const gw_folder *folder, const gw_layout_new *p, gw_err *e)
{
    gw_layout_files files = {0};
    GW_TRY(folder->layout->make(a, folder->layout, p, &files, e));
    for (size_t i = 0; i < files.len; i++) { /* an index is nothing to look at; a file that got longer is */
        const bool is_shown = !files.at[i].replaces || files.len == 1;
        GW_TRY(write_file(a, call, folder, &files.at[i], is_shown, e));
    }
    return GODWIT_OK;
}

gw_rc
gw_new_migration(gw_call *call, const godwit_new_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    gw_dialect_kind dialect;
    gw_pattern_text text;
    const char *version;
    const char *const name = file_name_of(a, p->name == NULL ? "" : p->name);
    if (name[0] == '\0' || gw_str_of(name).len > NAME_CAP)
        return gw_fail(e, GODWIT_USAGE, "'%s' does not make a file name: use letters and digits, at most %d",
                       p->name == NULL ? "" : p->name, NAME_CAP);
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_EXTEND, &migrations, e));
    GW_TRY(check_seal(a, &migrations.folder, e));
    GW_TRY(dialect_for_pattern(call, p->pattern, &dialect, e));
    GW_TRY(gw_pattern_fill(a, p->pattern, name, dialect, &text, e));
    GW_TRY(next_version(a, &migrations.folder, &version, e));
    GW_TRY(check_name(a, migrations.folder.layout, version, name, e));
    gw_tree tree = {.path = migrations.folder.path};
    if (migrations.folder.exists)
        GW_TRY(gw_tree_open(a, migrations.folder.path, &tree, e));
    const gw_layout_new new = {.tree = &tree,
                               .version = version,
                               .name = name,
                               .now_ms = (int64_t)time(NULL) * 1000,
                               .up = gw_str_of(text.up),
                               .down = p->no_down ? (gw_str){0} : gw_str_of(text.down)};
    GW_TRY(write_files(a, call, &migrations.folder, &new, e));
    bool changed;
    return migrations.folder.covered.sum == NULL ? GODWIT_OK : gw_seal(call, &migrations.folder, &changed, e);
}
