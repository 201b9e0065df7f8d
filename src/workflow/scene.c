#include "workflow/scene.h"

#include "base/clock.h"

#include "migration/items.h"
#include "migration/version.h"
#include "workflow/retry.h"
#include "workflow/session_open.h"
#include "workflow/trust.h"

static size_t
count_pending(const gw_items *items)
{
    size_t count = 0;
    for (size_t i = 0; i < items->len; i++)
        count += gw_state_is_pending(items->at[i].state);
    return count;
}

static gw_rc
read_records(void *ctx, gw_err *e)
{
    gw_scene *const scene = ctx;
    return gw_session_records(scene->arena, &scene->session, &scene->records, e);
}

gw_rc
gw_scene_read(gw_scene *scene, gw_err *e)
{
    GW_TRY(gw_session_retry(&scene->session, read_records, scene, e));
    gw_items_of(scene->arena, &scene->migrations.folder, &scene->records, &scene->items);
    scene->call->report.pending = count_pending(&scene->items);
    return GODWIT_OK;
}

static gw_rc
lock(void *ctx, gw_err *e)
{
    return gw_session_lock(ctx, e);
}

gw_rc
gw_scene_lock(gw_scene *scene, gw_err *e)
{
    GW_TRY(gw_session_retry(&scene->session, lock, &scene->session, e));
    return gw_scene_read(scene, e);
}

gw_rc
gw_scene_open(gw_arena *a, gw_call *call, gw_access access, bool locked, gw_scene *out, gw_err *e)
{
    *out = (gw_scene){.arena = a, .call = call};
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_RUN, &out->migrations, e));
    if (access != GW_ACCESS_LOOK) /* who only looks tells the differences himself */
        GW_TRY(gw_trust_check(call, &out->migrations.folder, e));
    GW_TRY(gw_session_open(a, call, access, !locked, &out->session, e));
    return locked ? gw_scene_lock(out, e) : gw_scene_read(out, e);
}

static gw_rc
create_locked(gw_session *s, gw_err *e)
{
    gw_watch_enter(s->watch, s->conn);
    GW_TRY(gw_watch_leave(s->watch, s->engine->begin(s->conn, (gw_str){"", 0}, e), e));
    gw_rc rc = gw_history_create(&s->history, e);
    if (rc == GODWIT_OK)
        rc = s->engine->commit(s->conn, e);
    if (rc != GODWIT_OK)
        s->engine->rollback(s->conn);
    s->history.exists = rc == GODWIT_OK;
    return rc;
}

static gw_rc
fail_in_use(const gw_session *s, const gw_err *failure, gw_err *e)
{
    (void)gw_fail(e, GODWIT_LOCKED, "the history table %s could not be created: %s", s->history.shown,
                  failure->message);
    gw_err_copy(e->code, sizeof(e->code), gw_str_of(failure->code));
    if (failure->notes[0] != '\0')
        (void)gw_err_note(e, "%s", failure->notes);
    return gw_err_hint(e, "end what uses %s, or wait longer: --lock-wait", s->shown);
}

/* Where begin() is the lock, it is waited for like everywhere else: also for whoever only reads, and is in the way of the commit. */
static gw_rc
create_history(void *ctx, gw_err *e)
{
    gw_session *const s = ctx;
    int64_t wait_ms, poll_ms;
    if (s->history.exists || (s->engine->caps & GW_CAP_TX_LOCK) == 0)
        return gw_history_create(&s->history, e);
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_WAIT, &wait_ms, e));
    GW_TRY(gw_config_ms(s->call->config, GW_SETTING_LOCK_POLL, &poll_ms, e));
    for (const int64_t until = gw_clock_ms() + wait_ms;;) {
        gw_err failure = {0};
        const gw_rc rc = create_locked(s, &failure);
        const int64_t left = until - gw_clock_ms();
        if (rc == GODWIT_FAILED && failure.lock_wait && left <= 0)
            return fail_in_use(s, &failure, e);
        if (rc != GODWIT_FAILED || !failure.lock_wait) {
            *e = failure;
            return rc;
        }
        GW_TRY(gw_retry_sleep(s, poll_ms < left ? poll_ms : left, e));
    }
}

gw_rc
gw_scene_create_history(gw_scene *scene, gw_err *e)
{
    return gw_session_retry(&scene->session, create_history, &scene->session, e);
}

const gw_item *
gw_scene_find(const gw_scene *scene, const char *version)
{
    for (size_t i = 0; i < scene->items.len; i++)
        if (gw_version_compare(gw_str_of(scene->items.at[i].version), gw_str_of(version)) == 0)
            return &scene->items.at[i];
    return NULL;
}

gw_dialect
gw_scene_dialect(const gw_scene *scene)
{
    const gw_session *const s = &scene->session;
    return s->conn != NULL ? s->conn->facts.dialect : (gw_dialect){.kind = s->engine->dialect};
}

static gw_rc
fail_gone(const gw_item *item, bool down, gw_err *e)
{
    if (down)
        return gw_fail(e, GODWIT_FOLDER, "no down text is known for %s %s", item->version, item->name);
    (void)gw_fail(e, GODWIT_FOLDER, "the file of %s %s is gone", item->version, item->name);
    return gw_err_hint(e, "restore it from version control");
}

/* The history's own copy. */
static gw_rc
read_down(gw_arena *a, const gw_session *s, int64_t id, const char **out, gw_err *e)
{
    gw_watch_enter(s->watch, s->conn);
    return gw_watch_leave(s->watch, gw_history_current_down(a, &s->history, id, out, e), e);
}

gw_rc
gw_scene_script(gw_arena *a, const gw_scene *scene, const gw_item *item, bool down, gw_script *out, gw_err *e)
{
    const gw_migrations *const m = &scene->migrations;
    const gw_dialect dialect = gw_scene_dialect(scene);
    const gw_file *const file = item->file;
    if (file != NULL && !down)
        return gw_migrations_up(a, m, file, dialect, out, e);
    if (file != NULL && file->down_path != NULL)
        return gw_migrations_down(a, m, file, dialect, out, e);
    if (!down || item->applied == NULL || !item->applied->has_down)
        return fail_gone(item, down, e);
    const char *text;
    GW_TRY(read_down(a, &scene->session, item->applied->id, &text, e));
    const char *const shown = gw_printf(a, "%s (down text of %s)", scene->session.history.shown, item->version);
    return gw_migrations_down_text(a, m, shown, gw_str_of(text), dialect, out, e);
}
