#include "base/arena.h"
#include "base/json.h"
#include "cli/face.h"

static const char *const event_names[] = {
    [GODWIT_EVENT_NOTE] = "note",
    [GODWIT_EVENT_NOTICE] = "notice",
    [GODWIT_EVENT_WAITING] = "waiting",
    [GODWIT_EVENT_RUN_BEGIN] = "run_begin",
    [GODWIT_EVENT_MIGRATION_BEGIN] = "migration_begin",
    [GODWIT_EVENT_STATEMENT] = "statement",
    [GODWIT_EVENT_MIGRATION_END] = "migration_end",
    [GODWIT_EVENT_RUN_END] = "run_end",
};

static void
put_line(gw_buf *line)
{
    gw_buf_putc(line, '\n');
    fwrite(line->ptr, 1, line->len, stdout);
    fflush(stdout);
}

static void
text_if(gw_json *j, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        gw_json_text(j, key, value);
}

static void
int_if(gw_json *j, const char *key, size_t value)
{
    if (value > 0)
        gw_json_int(j, key, (int64_t)value);
}

void
gw_jsonl_event(const godwit_event *ev, void *face)
{
    (void)face;
    GW_SCOPE(a);
    gw_buf line = gw_buf_new(a);
    gw_json j = gw_json_new(&line);
    gw_json_open(&j, NULL, '{');
    gw_json_text(&j, "event", event_names[ev->kind]);
    text_if(&j, "version", ev->version);
    text_if(&j, "name", ev->name);
    text_if(&j, "direction", ev->direction);
    text_if(&j, "text", ev->text);
    int_if(&j, "index", ev->index);
    int_if(&j, "total", ev->total);
    gw_json_int(&j, "elapsed_ms", ev->elapsed_ms);
    if (ev->pretend)
        gw_json_bool(&j, "pretend", true);
    gw_json_close(&j, '}');
    put_line(&line);
}

static void
put_error(gw_json *j, const char *key, const godwit_error *e)
{
    gw_json_open(j, key, '{');
    gw_json_int(j, "exit_code", e->rc);
    gw_json_text(j, "message", e->message);
    text_if(j, "notes", e->notes);
    text_if(j, "hint", e->hint);
    text_if(j, "code", e->code);
    text_if(j, "path", e->path);
    int_if(j, "line", e->line);
    int_if(j, "column", e->column);
    text_if(j, "excerpt", e->excerpt);
    gw_json_close(j, '}');
}

static void
put_migration(gw_json *j, const godwit_migration *m)
{
    gw_json_open(j, NULL, '{');
    gw_json_text(j, "version", m->version);
    gw_json_text(j, "name", m->name);
    gw_json_text(j, "state", godwit_state_name(m->state));
    gw_json_text(j, "kind", m->kind);
    gw_json_text(j, "direction", m->direction);
    gw_json_text(j, "path", m->path);
    gw_json_text(j, "down_path", m->down_path);
    gw_json_bool(j, "out_of_order", m->out_of_order);
    gw_json_bool(j, "missing", m->missing);
    gw_json_bool(j, "edited", m->edited);
    gw_json_bool(j, "reversible", m->reversible);
    gw_json_text(j, "checksum", m->checksum);
    gw_json_text(j, "recorded_checksum", m->recorded_checksum);
    gw_json_int(j, "statements", (int64_t)m->statements);
    gw_json_int(j, "done", (int64_t)m->done);
    gw_json_text(j, "started_at", m->started_at);
    gw_json_int(j, "duration_ms", m->duration_ms);
    gw_json_text(j, "applied_by", m->applied_by);
    gw_json_text(j, "error", m->error);
    gw_json_close(j, '}');
}

static void
put_attempt(gw_json *j, const godwit_attempt *t)
{
    gw_json_open(j, NULL, '{');
    gw_json_int(j, "id", t->id);
    gw_json_text(j, "version", t->version);
    gw_json_text(j, "name", t->name);
    gw_json_text(j, "kind", t->kind);
    gw_json_text(j, "direction", t->direction);
    gw_json_text(j, "state", t->state);
    gw_json_text(j, "checksum", t->checksum);
    gw_json_int(j, "statements", (int64_t)t->statements);
    gw_json_int(j, "done", (int64_t)t->done);
    gw_json_text(j, "started_at", t->started_at);
    gw_json_text(j, "finished_at", t->finished_at);
    gw_json_int(j, "duration_ms", t->duration_ms);
    gw_json_text(j, "applied_by", t->applied_by);
    gw_json_text(j, "run_id", t->run_id);
    gw_json_text(j, "tool", t->tool);
    gw_json_text(j, "error", t->error);
    gw_json_close(j, '}');
}

static void
put_report(gw_json *j, const godwit_report *r)
{
    text_if(j, "target", r->target);
    text_if(j, "service", r->service);
    text_if(j, "env", r->env);
    gw_json_bool(j, "pretend", r->pretend);
    gw_json_int(j, "files_executed", (int64_t)r->files_executed);
    gw_json_int(j, "pending", (int64_t)r->pending);
    gw_json_int(j, "duration_ms", r->duration_ms);
    gw_json_open(j, "migrations", '[');
    for (size_t i = 0; i < r->migration_count; i++)
        put_migration(j, &r->migrations[i]);
    gw_json_close(j, ']');
    gw_json_open(j, "attempts", '[');
    for (size_t i = 0; i < r->attempt_count; i++)
        put_attempt(j, &r->attempts[i]);
    gw_json_close(j, ']');
    gw_json_open(j, "statements", '[');
    for (size_t i = 0; i < r->statement_count; i++) {
        gw_json_open(j, NULL, '{');
        gw_json_int(j, "index", (int64_t)r->statements[i].index);
        gw_json_text(j, "path", r->statements[i].path);
        gw_json_int(j, "line", r->statements[i].line);
        gw_json_text(j, "text", r->statements[i].text);
        gw_json_bool(j, "done", r->statements[i].done);
        gw_json_text(j, "note", r->statements[i].note);
        gw_json_close(j, '}');
    }
    gw_json_close(j, ']');
    gw_json_open(j, "files_written", '[');
    for (size_t i = 0; i < r->path_count; i++)
        gw_json_text(j, NULL, r->paths[i]);
    gw_json_close(j, ']');
}

static void
put_lock(gw_json *j, const godwit_lock *lock)
{
    gw_json_open(j, "lock", '{');
    gw_json_bool(j, "held", lock->held);
    gw_json_bool(j, "brief", lock->brief);
    gw_json_text(j, "method", lock->method);
    gw_json_text(j, "key", lock->key);
    gw_json_text(j, "holder", lock->holder);
    gw_json_text(j, "since", lock->since);
    gw_json_text(j, "query", lock->query);
    gw_json_close(j, '}');
}

void
gw_jsonl_result(gw_face *f, const gw_result *result, godwit_rc rc)
{
    GW_SCOPE(a);
    gw_buf line = gw_buf_new(a);
    gw_json j = gw_json_new(&line);
    const bool failed = rc != GODWIT_OK && rc != GODWIT_FOUND;
    gw_json_open(&j, NULL, '{');
    gw_json_text(&j, "event", "report");
    gw_json_text(&j, "command", f->in->command == NULL ? NULL : f->in->command->name);
    gw_json_bool(&j, "success", rc == GODWIT_OK);
    gw_json_int(&j, "exit_code", rc);
    if (result->report != NULL)
        put_report(&j, result->report);
    if (result->has_lock && !failed)
        put_lock(&j, &result->lock);
    gw_json_open(&j, "errors", '[');
    if (failed && (result->report == NULL || result->report->error_count == 0))
        put_error(&j, NULL, &result->error);
    for (size_t i = 0; failed && result->report != NULL && i < result->report->error_count; i++)
        put_error(&j, NULL, &result->report->errors[i]);
    gw_json_close(&j, ']');
    gw_json_close(&j, '}');
    put_line(&line);
}
