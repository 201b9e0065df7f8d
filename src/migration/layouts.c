#include "migration/layouts.h"

#include <string.h>

#include "migration/atlas.h"
#include "migration/flat.h"
#include "migration/flyway.h"
#include "migration/graphile.h"
#include "migration/journal.h"
#include "migration/liquibase.h"
#include "migration/manifest.h"
#include "migration/marked.h"
#include "migration/nested.h"
#include "migration/sqitch.h"
#include "migration/yoyo.h"

const gw_layout *const gw_layouts[] = {
    &gw_layout_native,          &gw_layout_up_down,   &gw_layout_atlas,
    &gw_layout_dbmate,          &gw_layout_diesel,    &gw_layout_drizzle,
    &gw_layout_flyway,          &gw_layout_goose,     &gw_layout_graphile,
    &gw_layout_journal,         &gw_layout_liquibase, &gw_layout_manifest,
    &gw_layout_node_pg_migrate, &gw_layout_prisma,    &gw_layout_sqitch,
    &gw_layout_sql_migrate,     &gw_layout_tern,      &gw_layout_yoyo,
};
const size_t gw_layout_count = sizeof(gw_layouts) / sizeof(gw_layouts[0]);

const gw_layout *
gw_layout_find(const char *name)
{
    for (size_t i = 0; i < gw_layout_count; i++)
        if (strcmp(gw_layouts[i]->name, name) == 0)
            return gw_layouts[i];
    return NULL;
}

gw_rc
gw_layout_choose(const char *name, const char *others, const gw_layout **out, gw_err *e)
{
    *out = gw_layout_find(name);
    if (*out != NULL)
        return GODWIT_OK;
    GW_SCOPE(scratch);
    const char **const names = gw_new_array(scratch, const char *, gw_layout_count);
    gw_buf all = gw_buf_new(scratch);
    for (size_t i = 0; i < gw_layout_count; i++) {
        names[i] = gw_layouts[i]->name;
        gw_buf_printf(&all, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    const char *const near = gw_str_nearest(gw_str_of(name), names, gw_layout_count);
    (void)gw_fail(e, GODWIT_USAGE, "there is no layout '%s'", name);
    if (near != NULL)
        return gw_err_hint(e, "did you mean '%s'? There are %s%s", near, others, gw_buf_text(&all));
    return gw_err_hint(e, "there are %s%s", others, gw_buf_text(&all));
}

static gw_rc
fail_two(const gw_tree *t, const gw_layout *one, const char *its, const gw_layout *other, const char *others, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s holds two layouts: %s is %s, %s is %s", t->path, its, one->name, others,
                  other->name);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(t->path));
    return gw_err_hint(e, "rename the files of one, or say which it is: `layout: %s` or `layout: %s`", one->name,
                       other->name);
}

gw_rc
gw_layout_detect(const gw_tree *t, const gw_layout **out, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_tree seen = *t;
    const gw_layout *found = NULL, *rival = NULL;
    const char *found_by = NULL, *rival_by = NULL;
    gw_tree_look(scratch, &seen);
    for (size_t i = 0; i < gw_layout_count; i++) {
        const gw_layout *const l = gw_layouts[i];
        const char *const by = found != NULL && l->evidence < found->evidence ? NULL : l->claims(scratch, l, &seen);
        if (by == NULL)
            continue;
        const bool is_better = found == NULL || l->evidence > found->evidence;
        rival = is_better ? NULL : rival == NULL ? l : rival;
        rival_by = is_better ? NULL : rival == l ? by : rival_by;
        found = is_better ? l : found;
        found_by = is_better ? by : found_by;
    }
    if (rival != NULL)
        return fail_two(t, found, found_by, rival, rival_by, e);
    *out = found == NULL ? gw_layouts[0] : found;
    return GODWIT_OK;
}

bool
gw_layout_has_name(const gw_layout *l, const char *version, const char *name)
{
    GW_SCOPE(scratch);
    if (l->make_name == NULL)
        return true;
    const gw_name read = l->read(gw_str_of(l->make_name(scratch, version, name, false)));
    return read.kind == GW_NAME_UP && (gw_str_is(read.name, name) || gw_str_ends(read.version, name));
}
