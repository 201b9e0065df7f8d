/*
 * api/godwit - libgodwit: the public calls of godwit.h, each a workflow around which a gw_call is begun and ended.
 */
#include <godwit.h>

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "api/engines.h"
#include "base/clock.h"
#include "migration/directive.h"
#include "migration/pattern.h"
#include "migration/record.h"
#include "workflow/report.h"
#include "workflow/workflow.h"

struct godwit {
    gw_arena *arena;  /* of the handle: what was set */
    gw_arena *answer; /* of the newest call */
    const char *flags[GW_SETTING__COUNT];
    gw_interrupt interrupt;
    bool owns_process;
    godwit_event_fn *on_event;
    void *event_context;
    pthread_mutex_t telling;
    gw_config config;
    gw_call call;
};

godwit *
godwit_new(void)
{
    gw_arena *const a = gw_arena_new();
    godwit *const gw = gw_new(a, godwit);
    gw->arena = a;
    gw->answer = gw_arena_new();
    gw_interrupt_open(&gw->interrupt);
    pthread_mutex_init(&gw->telling, NULL);
    return gw;
}

void
godwit_free(godwit *gw)
{
    if (gw == NULL)
        return;
    gw_interrupt_close(&gw->interrupt);
    pthread_mutex_destroy(&gw->telling);
    gw_arena_free(gw->answer);
    gw_arena_free(gw->arena);
}

const char *
godwit_version(void)
{
    return GW_VERSION;
}

const godwit_setting *
godwit_settings(size_t *count)
{
    *count = GW_SETTING__COUNT;
    return gw_settings;
}

const godwit_pattern *
godwit_patterns(size_t *count)
{
    *count = gw_pattern_count;
    return gw_patterns;
}

const godwit_directive *
godwit_directives(size_t *count)
{
    *count = gw_directive_row_count;
    return gw_directive_rows;
}

void
godwit_on_event(godwit *gw, godwit_event_fn *callback, void *context)
{
    gw->on_event = callback;
    gw->event_context = context;
}

void
godwit_cancel(godwit *gw)
{
    gw_interrupt_ask(&gw->interrupt);
}

void
godwit_own_process(godwit *gw)
{
    gw->owns_process = true;
}

const char *
godwit_state_name(godwit_state state)
{
    return gw_state_name(state);
}

/* Begin a call: the answer of the one before goes, the configuration is read anew. */
static gw_rc
begin(godwit *gw, gw_err *e)
{
    *e = (gw_err){0};
    gw_arena_reset(gw->answer);
    gw->config = (gw_config){0};
    gw->call = (gw_call){
        .arena = gw->answer,
        .config = &gw->config,
        .engines = gw_engines,
        .interrupt = &gw->interrupt,
        .on_event = gw->on_event,
        .event_context = gw->event_context,
        .telling = &gw->telling,
        .owns_process = gw->owns_process,
        .started_ms = gw_clock_ms(),
    };
    if (gw->interrupt.fd < 0)
        return gw_fail(e, GODWIT_IO, "too many open files: godwit_new() found no descriptor to be cancelled with");
    GW_TRY(gw_config_load(gw->answer, gw->flags, (const char *const *)environ, &gw->config, e));
    gw->call.report.service = gw->config.service; /* named also by a call that fails before it knows its target */
    gw->call.report.env = gw->config.env_name;
    gw->config.interrupt = &gw->interrupt;
    return GODWIT_OK;
}

/* End a call: hand out its report. A request to stop is done with when a call has followed it, and not before. */
static gw_rc
end(godwit *gw, gw_rc rc, const godwit_report **report, const gw_err *e)
{
    gw_report_end(&gw->call, rc, e);
    if (report != NULL)
        *report = &gw->call.report;
    if (rc == GODWIT_INTERRUPTED)
        gw_interrupt_clear(&gw->interrupt);
    return rc;
}

/* A call's error may be left out by a caller who reads the report. */
#define GW_CALL(gw, report, error, workflow)                                                                           \
    do {                                                                                                               \
        gw_err unheard_;                                                                                               \
        gw_err *const e = (error) != NULL ? (error) : &unheard_;                                                       \
        gw_call *const call = &(gw)->call;                                                                             \
        gw_rc rc_ = begin((gw), e);                                                                                    \
        if (rc_ == GODWIT_OK)                                                                                          \
            rc_ = (workflow);                                                                                          \
        return end((gw), rc_, (report), e);                                                                            \
    } while (0)

godwit_rc
godwit_set(godwit *gw, const char *name, const char *value, godwit_error *error)
{
    gw_err unheard = {0};
    gw_err *const e = error != NULL ? error : &unheard;
    *e = (gw_err){0};
    const gw_setting_id id = gw_setting_find(gw_str_of(name));
    if (id < GW_SETTING__COUNT) {
        gw->flags[id] = gw_text(gw->arena, value);
        return GODWIT_OK;
    }
    const char *const nearest = gw_setting_nearest(gw_str_of(name));
    (void)gw_fail(e, GODWIT_USAGE, "there is no setting '%s'", name);
    return nearest == NULL ? e->rc : gw_err_hint(e, "did you mean '%s'?", nearest);
}

static gw_rc
get_setting(gw_call *call, const char *name, const char **value, const char **origin, gw_err *e)
{
    const gw_setting_id id = gw_setting_find(gw_str_of(name));
    if (id >= GW_SETTING__COUNT)
        return gw_fail(e, GODWIT_USAGE, "there is no setting '%s'", name);
    const gw_config_value *const v = &call->config->values[id];
    *origin = v->origin;
    if (strcmp(gw_settings[id].kind, "secret") == 0) {
        *value = v->text != NULL || v->exec != NULL ? "***" : NULL;
        return GODWIT_OK;
    }
    if (id != GW_SETTING_URL)
        return gw_config_text(call->config, id, value, e);
    gw_url url;
    GW_TRY(gw_config_url(call->config, &url, e));
    *value = gw_url_show(call->arena, &url);
    return GODWIT_OK;
}

godwit_rc
godwit_get(godwit *gw, const char *name, const char **value, const char **origin, godwit_error *error)
{
    GW_CALL(gw, NULL, error, get_setting(call, name, value, origin, e));
}

static gw_rc
list_services(const gw_call *call, const char *const **names, size_t *count)
{
    *names = call->config->services.at;
    *count = call->config->services.len;
    return GODWIT_OK;
}

godwit_rc
godwit_services(godwit *gw, const char *const **names, size_t *count, godwit_error *error)
{
    GW_CALL(gw, NULL, error, list_services(call, names, count));
}

godwit_rc
godwit_up(godwit *gw, const godwit_up_params *params, const godwit_report **report, godwit_error *error)
{
    static const godwit_up_params all;
    GW_CALL(gw, report, error, gw_up(call, params == NULL ? &all : params, e));
}

godwit_rc
godwit_down(godwit *gw, const godwit_down_params *params, const godwit_report **report, godwit_error *error)
{
    static const godwit_down_params newest;
    GW_CALL(gw, report, error, gw_down(call, params == NULL ? &newest : params, e));
}

godwit_rc
godwit_redo(godwit *gw, bool pretend, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_redo(call, pretend, e));
}

godwit_rc
godwit_status(godwit *gw, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_status(call, e));
}

godwit_rc
godwit_history(godwit *gw, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_history_show(call, e));
}

godwit_rc
godwit_validate(godwit *gw, const godwit_validate_params *params, const godwit_report **report, godwit_error *error)
{
    static const godwit_validate_params as_it_is;
    GW_CALL(gw, report, error, gw_validate(call, params == NULL ? &as_it_is : params, e));
}

godwit_rc
godwit_convert(godwit *gw, const godwit_convert_params *params, const godwit_report **report, godwit_error *error)
{
    static const godwit_convert_params nowhere;
    GW_CALL(gw, report, error, gw_convert(call, params == NULL ? &nowhere : params, e));
}

godwit_rc
godwit_rebase(godwit *gw, const char *base, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_rebase(call, base, false, e));
}

godwit_rc
godwit_renumber(godwit *gw, const char *base, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_rebase(call, base, true, e));
}

godwit_rc
godwit_squash(godwit *gw, const godwit_squash_params *params, const godwit_report **report, godwit_error *error)
{
    static const godwit_squash_params own;
    GW_CALL(gw, report, error, gw_squash_migrations(call, params == NULL ? &own : params, e));
}

godwit_rc
godwit_checkpoint(godwit *gw, const char *name, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_checkpoint(call, name, e));
}

godwit_rc
godwit_reset_migrations(godwit *gw, const char *base, bool force, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_reset_migrations(call, base, force, e));
}

godwit_rc
godwit_hash(godwit *gw, const char *sign, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_hash(call, sign, e));
}

godwit_rc
godwit_verify(godwit *gw, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_verify(call, e));
}

godwit_rc
godwit_resolve(godwit *gw, const godwit_resolve_params *params, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_resolve(call, params, e));
}

godwit_rc
godwit_baseline(godwit *gw, const char *version, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_baseline(call, version, e));
}

godwit_rc
godwit_adopt(godwit *gw, const godwit_adopt_params *params, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_adopt(call, params, e));
}

godwit_rc
godwit_lock_status(godwit *gw, godwit_lock *lock, godwit_error *error)
{
    godwit_lock unseen;
    godwit_lock *const out = lock != NULL ? lock : &unseen;
    *out = (godwit_lock){0};
    GW_CALL(gw, NULL, error, gw_lock_show(call, out, e));
}

godwit_rc
godwit_lock_release(godwit *gw, bool force, godwit_lock *lock, godwit_error *error)
{
    godwit_lock unseen;
    godwit_lock *const out = lock != NULL ? lock : &unseen;
    *out = (godwit_lock){0};
    GW_CALL(gw, NULL, error, gw_lock_release(call, force, out, e));
}

godwit_rc
godwit_new_migration(godwit *gw, const godwit_new_params *params, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_new_migration(call, params, e));
}

godwit_rc
godwit_init(godwit *gw, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_init(call, e));
}

godwit_rc
godwit_db_create(godwit *gw, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_database_create(call, e));
}

godwit_rc
godwit_db_drop(godwit *gw, bool confirmed, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_database_drop(call, confirmed, e));
}

godwit_rc
godwit_db_reset(godwit *gw, bool confirmed, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_database_reset(call, confirmed, e));
}

godwit_rc
godwit_db_wait(godwit *gw, int64_t timeout_ms, const godwit_report **report, godwit_error *error)
{
    GW_CALL(gw, report, error, gw_database_wait(call, timeout_ms, e));
}
