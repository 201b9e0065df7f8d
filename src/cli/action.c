#include "cli/action.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"

godwit_rc
gw_action_init(const gw_invocation *in, gw_result *out)
{
    return godwit_init(in->gw, &out->report, &out->error);
}

/* All operands as one name; NULL: there is none. */
static const char *
words_of(gw_arena *a, const gw_invocation *in)
{
    gw_buf name = gw_buf_new(a);
    for (size_t i = 0; i < in->operand_count; i++)
        gw_buf_printf(&name, "%s%s", i == 0 ? "" : " ", in->operands[i]);
    return in->operand_count == 0 ? NULL : gw_buf_text(&name);
}

/* Everywhere else it is the configuration file, and may be that here: there is such a file, or it is called like one. */
static bool
is_configuration(const char *value)
{
    const gw_str text = gw_str_of(value);
    return gw_path_is(value) == GW_PATH_FILE || strchr(value, '/') != NULL || gw_str_ends(text, ".yaml") ||
           gw_str_ends(text, ".yml");
}

godwit_rc
gw_action_new(const gw_invocation *in, gw_result *out)
{
    GW_SCOPE(a);
    const gw_options *const o = &in->options;
    const bool is_file = o->config != NULL && is_configuration(o->config);
    const bool is_rows = o->config != NULL && !is_file;
    const char *const words = words_of(a, in);
    if (is_file)
        GW_TRY(godwit_set(in->gw, "config", o->config, &out->error));
    if (words == NULL && !is_rows)
        return gw_fail(&out->error, GODWIT_USAGE, "new needs NAME...");
    const godwit_new_params p = {.name = is_rows && words != NULL ? gw_printf(a, "%s %s", o->config, words)
                                         : is_rows                ? o->config
                                                                  : words,
                                 .pattern = o->pattern,
                                 .no_down = o->no_down,
                                 .config = is_rows};
    return godwit_new_migration(in->gw, &p, &out->report, &out->error);
}

godwit_rc
gw_action_up(const gw_invocation *in, gw_result *out)
{
    const godwit_up_params p = {.target = in->operands[0], .steps = in->options.steps, .pretend = in->options.pretend};
    return godwit_up(in->gw, &p, &out->report, &out->error);
}

godwit_rc
gw_action_down(const gw_invocation *in, gw_result *out)
{
    const godwit_down_params p = {
        .target = in->operands[0], .steps = in->options.steps, .pretend = in->options.pretend};
    return godwit_down(in->gw, &p, &out->report, &out->error);
}

godwit_rc
gw_action_redo(const gw_invocation *in, gw_result *out)
{
    return godwit_redo(in->gw, in->options.pretend, &out->report, &out->error);
}

static bool
is_settled(const godwit_migration *m)
{
    const bool done =
        m->state == GODWIT_APPLIED || m->state == GODWIT_SKIPPED || m->state == GODWIT_REVERTED; /* and no file */
    return done && !m->missing && !m->edited;
}

godwit_rc
gw_action_status(const gw_invocation *in, gw_result *out)
{
    const godwit_rc rc = godwit_status(in->gw, &out->report, &out->error);
    if (rc != GODWIT_OK || !in->options.exit_code)
        return rc;
    for (size_t i = 0; i < out->report->migration_count; i++)
        if (!is_settled(&out->report->migrations[i]))
            return GODWIT_FOUND;
    return GODWIT_OK;
}

godwit_rc
gw_action_history(const gw_invocation *in, gw_result *out)
{
    return godwit_history(in->gw, &out->report, &out->error);
}

godwit_rc
gw_action_verify(const gw_invocation *in, gw_result *out)
{
    return godwit_verify(in->gw, &out->report, &out->error);
}

godwit_rc
gw_action_validate(const gw_invocation *in, gw_result *out)
{
    const gw_options *const o = &in->options;
    const godwit_validate_params p = {.base = o->base, .commit = o->commit, .staged = o->staged};
    return godwit_validate(in->gw, &p, &out->report, &out->error);
}

godwit_rc
gw_action_convert(const gw_invocation *in, gw_result *out)
{
    const gw_options *const o = &in->options;
    const godwit_convert_params p = {.folder = in->operands[0], .to = o->to, .without = o->without};
    return godwit_convert(in->gw, &p, &out->report, &out->error);
}

godwit_rc
gw_action_rebase(const gw_invocation *in, gw_result *out)
{
    const gw_options *const o = &in->options;
    return o->renumber ? godwit_renumber(in->gw, o->base, &out->report, &out->error)
                       : godwit_rebase(in->gw, o->base, &out->report, &out->error);
}

godwit_rc
gw_action_squash(const gw_invocation *in, gw_result *out)
{
    const gw_options *const o = &in->options;
    const godwit_squash_params p = {.from = in->operands[0],
                                    .to = in->operands[1],
                                    .name = o->name,
                                    .base = o->base,
                                    .offline = o->offline,
                                    .no_down = o->no_down};
    return godwit_squash(in->gw, &p, &out->report, &out->error);
}

godwit_rc
gw_action_checkpoint(const gw_invocation *in, gw_result *out)
{
    GW_SCOPE(a);
    return godwit_checkpoint(in->gw, words_of(a, in), &out->report, &out->error);
}

godwit_rc
gw_action_reset_migrations(const gw_invocation *in, gw_result *out)
{
    return godwit_reset_migrations(in->gw, in->options.base, in->options.force, &out->report, &out->error);
}

godwit_rc
gw_action_hash(const gw_invocation *in, gw_result *out)
{
    return godwit_hash(in->gw, in->options.sign, &out->report, &out->error);
}

godwit_rc
gw_action_resolve(const gw_invocation *in, gw_result *out)
{
    const gw_options *const o = &in->options;
    if (o->applied + o->reverted + o->retry > 1)
        return gw_fail(&out->error, GODWIT_USAGE, "say one of --applied, --reverted and --retry");
    const godwit_resolution resolution = o->applied    ? GODWIT_RESOLVE_APPLIED
                                         : o->reverted ? GODWIT_RESOLVE_REVERTED
                                         : o->retry    ? GODWIT_RESOLVE_RETRY
                                                       : GODWIT_RESOLVE_SHOW;
    const godwit_resolve_params params = {
        .version = in->operands[0], .resolution = resolution, .counts = o->done.is_said, .done = o->done.value};
    return godwit_resolve(in->gw, &params, &out->report, &out->error);
}

godwit_rc
gw_action_baseline(const gw_invocation *in, gw_result *out)
{
    return godwit_baseline(in->gw, in->operands[0], &out->report, &out->error);
}

godwit_rc
gw_action_adopt(const gw_invocation *in, gw_result *out)
{
    const gw_options *const o = &in->options;
    const godwit_adopt_params params = {.from = o->from, .edited = o->edited, .pretend = o->pretend};
    return godwit_adopt(in->gw, &params, &out->report, &out->error);
}

godwit_rc
gw_action_lock(const gw_invocation *in, gw_result *out)
{
    const char *const what = in->operands[0] == NULL ? "status" : in->operands[0];
    out->has_lock = true;
    if (strcmp(what, "status") == 0)
        return godwit_lock_status(in->gw, &out->lock, &out->error);
    if (strcmp(what, "release") == 0)
        return godwit_lock_release(in->gw, in->options.force, &out->lock, &out->error);
    out->has_lock = false;
    return gw_fail(&out->error, GODWIT_USAGE, "lock knows status and release, not '%s'", what);
}

godwit_rc
gw_action_db_create(const gw_invocation *in, gw_result *out)
{
    return godwit_db_create(in->gw, &out->report, &out->error);
}

godwit_rc
gw_action_db_drop(const gw_invocation *in, gw_result *out)
{
    return godwit_db_drop(in->gw, in->options.yes, &out->report, &out->error);
}

godwit_rc
gw_action_db_reset(const gw_invocation *in, gw_result *out)
{
    return godwit_db_reset(in->gw, in->options.yes, &out->report, &out->error);
}

godwit_rc
gw_action_db_wait(const gw_invocation *in, gw_result *out)
{
    return godwit_db_wait(in->gw, in->options.timeout_ms, &out->report, &out->error);
}
