#include <time.h>

#include "migration/pattern.h"
#include "workflow/draft.h"
#include "workflow/seal.h"
#include "workflow/workflow.h"

static gw_rc
dialect_for_pattern(gw_call *call, const char *pattern, gw_dialect_kind *out, gw_err *e)
{
    *out = GW_DIALECT_POSTGRES;
    return pattern == NULL ? GODWIT_OK
                           : gw_migrations_dialect(call, "the pattern's SQL depends on the database", out, e);
}

gw_rc
gw_new_migration(gw_call *call, const godwit_new_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    gw_dialect_kind dialect;
    gw_pattern_text text;
    const char *version;
    const char *name;
    const char *const pattern = p->pattern != NULL || !p->config ? p->pattern : "config";
    GW_TRY(gw_draft_name(a, p->name, &name, e));
    if (p->config)
        GW_TRY(gw_draft_name(a, gw_printf(a, "config %s", name), &name, e));
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_EXTEND, &migrations, e));
    GW_TRY(gw_draft_check_seal(a, &migrations.folder, e));
    GW_TRY(dialect_for_pattern(call, pattern, &dialect, e));
    GW_TRY(gw_pattern_fill(a, pattern, name, dialect, &text, e));
    GW_TRY(gw_draft_version(a, &migrations.folder, &version, e));
    GW_TRY(gw_draft_check_name(a, migrations.folder.layout, version, name, e));
    gw_tree tree = {.path = migrations.folder.path};
    if (migrations.folder.exists)
        GW_TRY(gw_tree_open(a, migrations.folder.path, &tree, e));
    const gw_layout_new new = {.tree = &tree,
                               .is_draft = true,
                               .version = version,
                               .name = name,
                               .now_ms = (int64_t)time(NULL) * 1000,
                               .up = gw_str_of(text.up),
                               .down = p->no_down ? (gw_str){0} : gw_str_of(text.down)};
    gw_layout_files files = {0};
    GW_TRY(migrations.folder.layout->make(a, migrations.folder.layout, &new, &files, e));
    GW_TRY(gw_draft_write(call, &migrations.folder, &files, e));
    bool changed;
    return migrations.folder.covered.sum == NULL ? GODWIT_OK : gw_seal(call, &migrations.folder, &changed, e);
}
