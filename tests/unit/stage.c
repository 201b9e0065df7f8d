#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "workflow/report.h"

static const gw_url url = {.scheme = "fake", .user = "app", .host = "h", .database = "shop"};

int
stage_begin(void **state)
{
    gw_arena *const a = gw_arena_new();
    stage *const s = gw_new(a, stage);
    *state = s;
    s->arena = a;
    s->answer = gw_arena_new();
    s->heard = gw_arena_new();
    pthread_mutex_init(&s->telling, NULL);
    stage_engine_begin(s, &s->engine);
    s->engines[0] = &s->engine;
    gw_interrupt_open(&s->interrupt);
    (void)snprintf(s->folder, sizeof(s->folder), "/tmp/godwit-stage-XXXXXX");
    if (mkdtemp(s->folder) == NULL)
        return -1;
    s->flags[GW_SETTING_URL] = "fake://app@h/shop";
    s->flags[GW_SETTING_MIGRATIONS] = s->folder;
    s->flags[GW_SETTING_CONNECT_BACKOFF] = "5ms";
    s->flags[GW_SETTING_RETRY_BACKOFF] = "5ms";
    s->flags[GW_SETTING_LOCK_POLL] = "5ms";
    s->flags[GW_SETTING_LOCK_WAIT] = "100ms";
    return gw_fake.database_create(NULL, &url, &s->e) == GODWIT_OK ? 0 : -1;
}

int
stage_end(void **state)
{
    stage *const s = *state;
    gw_dir_entries entries = {0};
    gw_err e = {0};
    if (gw_dir_list(s->arena, s->folder, &entries, &e) == GODWIT_OK)
        for (size_t i = 0; i < entries.len; i++)
            stage_remove(s, entries.at[i].name);
    (void)rmdir(s->folder);
    gw_interrupt_close(&s->interrupt);
    gw_arena_free(s->answer);
    gw_arena_free(s->heard);
    pthread_mutex_destroy(&s->telling);
    gw_arena_free(s->arena);
    fake_reset();
    return 0;
}

void
stage_file(const stage *s, const char *name, const char *text)
{
    gw_err e = {0};
    assert_int_equal(gw_file_write(gw_path_join(s->arena, s->folder, name), gw_str_of(text), &e), GODWIT_OK);
}

void
stage_remove(const stage *s, const char *name)
{
    (void)unlink(gw_path_join(s->arena, s->folder, name));
}

static void
hear(const godwit_event *event, void *context)
{
    stage *const s = context;
    const char *const version = event->version == NULL ? "" : event->version;
    switch (event->kind) {
    case GODWIT_EVENT_RUN_BEGIN:
        gw_buf_printf(&s->told, "run %zu;", event->total);
        break;
    case GODWIT_EVENT_MIGRATION_BEGIN:
        gw_buf_printf(&s->told, "begin %s %zu/%zu;", version, event->index, event->total);
        break;
    case GODWIT_EVENT_STATEMENT:
        gw_buf_printf(&s->told, "%zu/%zu;", event->index, event->total);
        break;
    case GODWIT_EVENT_MIGRATION_END:
        gw_buf_printf(&s->told, "end %s;", version);
        break;
    case GODWIT_EVENT_RUN_END:
        gw_buf_printf(&s->told, "ran %zu/%zu;", event->index, event->total);
        break;
    case GODWIT_EVENT_WAITING:
        gw_buf_printf(&s->told, "waiting: %s;", event->text);
        break;
    case GODWIT_EVENT_NOTE:
    case GODWIT_EVENT_NOTICE:
    default:
        gw_buf_printf(&s->told, "note: %s;", event->text);
        break;
    }
    if (s->on_event != NULL)
        s->on_event(s, event);
}

gw_call *
stage_call(stage *s)
{
    static const char *const no_environment[] = {NULL};
    gw_arena_reset(s->answer);
    s->e = (gw_err){0};
    gw_arena_reset(s->heard);
    s->told = gw_buf_new(s->heard);
    assert_int_equal(gw_config_load(s->answer, s->flags, no_environment, &s->config, &s->e), GODWIT_OK);
    s->call = (gw_call){
        .arena = s->answer,
        .config = &s->config,
        .engines = s->engines,
        .interrupt = &s->interrupt,
        .on_event = hear,
        .event_context = s,
        .telling = &s->telling,
    };
    return &s->call;
}

gw_rc
stage_ended(stage *s, gw_rc rc)
{
    assert_int_equal(rc, s->e.rc);
    gw_report_end(&s->call, rc, &s->e);
    (void)gw_buf_text(&s->told);
    return rc;
}

gw_rc
stage_up(stage *s)
{
    return STAGE_PLAY(s, gw_up(&s->call, &(godwit_up_params){0}, &s->e));
}

gw_rc
stage_down(stage *s)
{
    return STAGE_PLAY(s, gw_down(&s->call, &(godwit_down_params){0}, &s->e));
}

void
stage_first(stage *s, const char *text)
{
    assert_int_equal(STAGE_PLAY(s, gw_baseline(&s->call, "0000", &s->e)), GODWIT_OK);
    stage_file(s, "0001_first.sql", text);
    fake_log_clear();
}

/* ---- others ---- */

gw_conn *
stage_other(gw_arena *a)
{
    static const gw_url others = {.scheme = "fake", .user = "other", .host = "h", .database = "shop"};
    gw_conn *c = NULL;
    gw_err e = {0};
    assert_int_equal(gw_fake.open(a, &(gw_open_params){.url = &others}, &c, &e), GODWIT_OK);
    return c;
}

void
stage_do(gw_conn *other, const char *sql)
{
    gw_err e = {0};
    if (gw_fake.exec(other, gw_str_of(sql), &e) != GODWIT_OK)
        fail_msg("%s: %s", sql, e.message);
}

static void *
ask_soon(void *i)
{
    enum { SOON_MS = 50 };
    gw_sleep_ms(SOON_MS);
    gw_interrupt_ask(i);
    return NULL;
}

pthread_t
stage_interrupt_soon(stage *s)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_soon, &s->interrupt), 0);
    return thread;
}

/* ---- looking ---- */

size_t
stage_count(const char *step)
{
    size_t count = 0;
    for (gw_str rest = gw_str_of(fake_log()); rest.len > 0;)
        count += gw_str_starts(gw_str_cut(rest, ';', &rest), step);
    return count;
}

static bool
take_row(void *ctx, size_t columns, const char *const *values)
{
    gw_buf *const out = ctx;
    for (size_t i = 0; i < columns; i++)
        gw_buf_printf(out, "%s%s", i == 0 ? "" : ",", values[i] == NULL ? "null" : values[i]);
    gw_buf_putc(out, ';');
    return true;
}

/* What a test looks at is not part of the log, and never refused. */
const char *
stage_rows(stage *s, const char *sql)
{
    GW_SCOPE(scope);
    const fake_server said = fake;
    const size_t heard = strlen(fake_log());
    gw_buf out = gw_buf_new(s->arena);
    gw_conn *c = NULL;
    gw_err e = {0};
    fake = (fake_server){0};
    assert_int_equal(gw_fake.open(scope, &(gw_open_params){.url = &url}, &c, &e), GODWIT_OK);
    const gw_rc rc = gw_fake.query(c, sql, NULL, 0, take_row, &out, &e);
    fake_log_cut(heard);
    fake = said;
    return rc == GODWIT_OK ? gw_buf_text(&out) : "none";
}

const char *
stage_history(stage *s)
{
    gw_buf out = gw_buf_new(s->arena);
    gw_str rest = gw_str_of(stage_rows(s, "SELECT version, direction, state, done, statements FROM godwit_history"));
    if (gw_str_is(rest, "none"))
        return rest.ptr;
    while (rest.len > 0) {
        gw_str fields = gw_str_cut(rest, ';', &rest);
        for (int i = 0; i < 5; i++) {
            const gw_str field = gw_str_cut(fields, ',', &fields);
            gw_buf_printf(&out, "%s%.*s", i == 0 ? "" : i == 4 ? "/" : " ", GW_STR_ARG(field));
        }
        gw_buf_putc(&out, ';');
    }
    return gw_buf_text(&out);
}

const char *
stage_log(stage *s)
{
    gw_buf out = gw_buf_new(s->arena);
    gw_str rest = gw_str_of(fake_log());
    while (rest.len > 0) {
        const gw_str step = gw_str_cut(rest, ';', &rest);
        gw_str tail;
        if (gw_str_is(step, "LAST NUMBER"))
            continue;
        if (memmem(step.ptr, step.len, "godwit_history", strlen("godwit_history")) != NULL)
            gw_buf_printf(&out, "+%.*s;", GW_STR_ARG(gw_str_cut(step, ' ', &tail)));
        else
            gw_buf_printf(&out, "%.*s;", GW_STR_ARG(step));
    }
    return gw_buf_text(&out);
}
