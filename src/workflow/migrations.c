#include "workflow/migrations.h"

#include "base/file.h"
#include "migration/content.h"

static gw_rc
read_prefixes(gw_arena *a, gw_call *call, const char *const **out, gw_err *e)
{
    const char *list;
    GW_TRY(gw_config_text(call->config, GW_SETTING_DIRECTIVES, &list, e));
    gw_vec(const char *) prefixes = {0};
    gw_str rest = gw_str_of(list);
    while (rest.len > 0) {
        const gw_str prefix = gw_str_trim(gw_str_cut(rest, ',', &rest));
        if (prefix.len > 0)
            *gw_vec_push(a, &prefixes) = gw_strdup(a, prefix);
    }
    *gw_vec_push(a, &prefixes) = NULL;
    *out = prefixes.at;
    return GODWIT_OK;
}

/* As files may ask for it: an empty value is one. */
static const char *
get_variable(const void *ctx, gw_str name)
{
    const gw_env *const env = ctx;
    const char *const value = env->process == NULL ? NULL : gw_map_get(env->process, name);
    return value != NULL || env->file == NULL ? value : gw_map_get(env->file, name);
}

/* Where the folders belong to services, one is missing because none of them was chosen. */
static gw_rc
open_folder(gw_arena *a, const gw_config *c, const gw_folder_params *p, gw_folder *out, gw_err *e)
{
    const gw_rc rc = gw_folder_open(a, p, out, e);
    const bool is_default = c->values[GW_SETTING_MIGRATIONS].rank == GW_RANK_DEFAULT;
    if (rc != GODWIT_IO || !is_default || c->service != NULL || c->services.len == 0)
        return rc;
    gw_buf names = gw_buf_new(a);
    for (size_t i = 0; i < c->services.len; i++)
        gw_buf_printf(&names, "%s%s", i == 0 ? "" : ", ", c->services.at[i]);
    e->hint[0] = '\0';
    return gw_err_hint(e, "say which service, --service NAME, or --all: %s has %s", c->path, gw_buf_text(&names));
}

/* Are the migrations for the database that is configured? Which kind that is the URL tells, where it is at hand: nobody connects, and no
 * command is run for it. */
static gw_rc
check_fit(gw_arena *a, gw_call *call, const gw_folder *folder, gw_err *e)
{
    const char *text;
    gw_url url;
    gw_tree tree;
    gw_err unfit = {0};
    const gw_engine *engine;
    if (folder->layout->fits == NULL || !folder->exists || call->config->values[GW_SETTING_URL].exec != NULL ||
        gw_config_text(call->config, GW_SETTING_URL, &text, &unfit) != GODWIT_OK || text == NULL ||
        gw_url_parse(a, gw_str_of(text), &url, &unfit) != GODWIT_OK ||
        gw_call_engine(call, &url, &engine, &unfit) != GODWIT_OK)
        return GODWIT_OK;
    GW_TRY(gw_tree_open(a, folder->path, &tree, e));
    return folder->layout->fits(a, &tree, engine->dialect, e);
}

/* No password is asked for. */
static gw_rc
read_url(gw_call *call, gw_url *out, gw_err *e)
{
    const char *text;
    gw_err unplaced = {0};
    GW_TRY(gw_config_text(call->config, GW_SETTING_URL, &text, e));
    if (text != NULL && gw_url_parse(call->arena, gw_str_of(text), out, &unplaced) == GODWIT_OK)
        return GODWIT_OK;
    return gw_config_url(call->config, out, e); /* says what is wrong, and where */
}

gw_rc
gw_migrations_dialect(gw_call *call, const char *why, gw_dialect_kind *out, gw_err *e)
{
    gw_url url;
    const gw_engine *engine;
    if (read_url(call, &url, e) != GODWIT_OK)
        return gw_err_note(e, "%s", why);
    GW_TRY(gw_call_engine(call, &url, &engine, e));
    *out = engine->dialect;
    return GODWIT_OK;
}

gw_rc
gw_migrations_open(gw_arena *a, gw_call *call, gw_migrations_use use, gw_migrations *out, gw_err *e)
{
    gw_folder_params p = {0};
    const char *encoding;
    GW_TRY(gw_config_text(call->config, GW_SETTING_MIGRATIONS, &p.path, e));
    GW_TRY(gw_config_text(call->config, GW_SETTING_LAYOUT, &p.layout, e));
    GW_TRY(gw_config_switch(call->config, GW_SETTING_GAPS, &p.allow_gaps, e));
    GW_TRY(gw_config_switch(call->config, GW_SETTING_ALLOW_MISSING, &p.allow_missing, e));
    GW_TRY(gw_config_switch(call->config, GW_SETTING_EMPTY, &out->allow_empty, e));
    GW_TRY(gw_config_text(call->config, GW_SETTING_APP_ENV, &out->app_env, e));
    GW_TRY(gw_config_text(call->config, GW_SETTING_ENCODING, &encoding, e));
    GW_TRY(read_prefixes(a, call, &out->prefixes, e));
    out->variables = (gw_variables){get_variable, &call->config->env};
    out->any_bytes = gw_str_is(gw_str_of(encoding), "bytes");
    if (use == GW_MIGRATIONS_TO_EXTEND)
        p.allow_missing = true;
    if (use != GW_MIGRATIONS_TO_RUN)
        p.allow_gaps = true;
    p.only_names = use == GW_MIGRATIONS_TO_SEAL;
    GW_TRY(open_folder(a, call->config, &p, &out->folder, e));
    if (use != GW_MIGRATIONS_TO_RUN)
        return GODWIT_OK;
    out->folder.prefixes = out->prefixes;
    GW_TRY(check_fit(a, call, &out->folder, e));
    return gw_content_read(a, &out->folder, e);
}

static gw_script_params
params_of(const gw_migrations *m, const char *path, gw_dialect dialect)
{
    return (gw_script_params){
        .path = path,
        .dialect = dialect,
        .prefixes = m->prefixes,
        .variables = m->variables,
        .any_bytes = m->any_bytes,
        .allow_empty = true,
        .frame = m->folder.layout == NULL ? NULL : m->folder.layout->frame,
    };
}

gw_rc
gw_migrations_up(gw_arena *a, const gw_migrations *m, const gw_file *file, gw_dialect dialect, gw_script *out,
                 gw_err *e)
{
    gw_script_params p = params_of(m, file->path, dialect);
    p.allow_empty = m->allow_empty;
    p.text = file->text;
    p.section = file->section;
    p.is_literal = file->is_literal;
    p.tx = file->tx;
    p.checksum = file->checksum;
    if (file->text.ptr == NULL) {
        GW_TRY(gw_file_read(a, file->path, GW_SQL_FILE_CAP, &p.text, e));
        p.checksum = NULL;
    }
    return gw_script_read(a, &p, out, e);
}

gw_rc
gw_migrations_down(gw_arena *a, const gw_migrations *m, const gw_file *file, gw_dialect dialect, gw_script *out,
                   gw_err *e)
{
    gw_script_params p = params_of(m, file->down_path, dialect);
    p.down = true;
    p.section = file->section;
    p.is_literal = file->is_literal;
    p.tx = file->tx;
    GW_TRY(gw_file_read(a, file->down_path, GW_SQL_FILE_CAP, &p.text, e));
    return gw_script_read(a, &p, out, e);
}

gw_rc
gw_migrations_verify(gw_arena *a, const gw_migrations *m, const gw_file *file, gw_dialect dialect, gw_script *out,
                     gw_err *e)
{
    gw_script_params p = params_of(m, file->verify_path, dialect);
    p.is_check = true;
    p.is_literal = file->is_literal;
    if (m->folder.layout->both_ways) /* its marks tell two ways apart, and this is neither */
        p.frame = NULL;
    GW_TRY(gw_file_read(a, file->verify_path, GW_SQL_FILE_CAP, &p.text, e));
    return gw_script_read(a, &p, out, e);
}

gw_rc
gw_migrations_down_text(gw_arena *a, const gw_migrations *m, const char *shown, gw_str text, gw_dialect dialect,
                        gw_script *out, gw_err *e)
{
    gw_script_params p = params_of(m, shown, dialect);
    p.frame = NULL; /* what the history keeps is what is run */
    p.text = text;
    return gw_script_read(a, &p, out, e);
}
