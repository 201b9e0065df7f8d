#include "workflow/hook.h"

#include "base/json.h"
#include "base/proc.h"

static void
write_error(gw_json *j, const gw_err *error)
{
    gw_json_open(j, "error", '{');
    gw_json_text(j, "message", error->message);
    gw_json_int(j, "exit_code", error->rc);
    gw_json_text(j, "code", error->code);
    gw_json_text(j, "path", error->path);
    gw_json_int(j, "line", error->line);
    gw_json_int(j, "column", error->column);
    gw_json_text(j, "notes", error->notes);
    gw_json_text(j, "hint", error->hint);
    gw_json_close(j, '}');
}

static gw_str
event_json(gw_arena *a, const gw_call *call, const gw_hook_event *event)
{
    gw_buf *const out = gw_new(a, gw_buf);
    *out = gw_buf_new(a);
    gw_json j = gw_json_new(out);
    gw_json_open(&j, NULL, '{');
    gw_json_text(&j, "event", gw_settings[event->hook].name);
    gw_json_text(&j, "target", call->report.target);
    gw_json_text(&j, "env", call->report.env);
    gw_json_text(&j, "service", call->report.service);
    gw_json_text(&j, "direction", event->direction);
    gw_json_int(&j, "pending", (int64_t)event->pending);
    gw_json_int(&j, "executed", (int64_t)event->executed);
    gw_json_int(&j, "duration_ms", event->duration_ms);
    if (event->migration != NULL) {
        gw_json_open(&j, "migration", '{');
        gw_json_text(&j, "version", event->migration->version);
        gw_json_text(&j, "name", event->migration->name);
        gw_json_close(&j, '}');
    }
    if (event->error != NULL)
        write_error(&j, event->error);
    gw_json_close(&j, '}');
    gw_buf_putc(out, '\n');
    return gw_buf_str(out);
}

gw_rc
gw_hook_run(gw_call *call, const gw_hook_event *event, gw_err *e)
{
    const char *command;
    int64_t timeout_ms;
    GW_TRY(gw_config_text(call->config, event->hook, &command, e));
    if (command == NULL || command[0] == '\0')
        return GODWIT_OK;
    GW_TRY(gw_config_ms(call->config, GW_SETTING_HOOK_TIMEOUT, &timeout_ms, e));
    GW_SCOPE(a);
    gw_str output;
    const gw_proc_params p = {
        .command = command,
        .input = event_json(a, call, event),
        .env = gw_env_added(a, &call->config->env),
        .timeout_ms = timeout_ms,
        /* Who interrupted the run wants to hear of its failure all the same. */
        .interrupt = gw_interrupt_is_asked(call->interrupt) ? NULL : call->interrupt,
    };
    gw_err failure = {0};
    if (gw_proc_run(a, &p, &output, &failure) == GODWIT_OK) {
        if (output.len > 0)
            gw_tell_note(call, "%s: %.*s", gw_settings[event->hook].name, GW_STR_ARG(output));
        return GODWIT_OK;
    }
    const gw_rc rc = failure.rc == GODWIT_INTERRUPTED ? GODWIT_INTERRUPTED : GODWIT_FAILED;
    (void)gw_fail(e, rc, "hook %s failed: %s", gw_settings[event->hook].name, failure.message);
    return failure.hint[0] == '\0' ? rc : gw_err_hint(e, "%s", failure.hint);
}

void
gw_hook_tell(gw_call *call, const gw_hook_event *event)
{
    gw_err e = {0};
    if (gw_hook_run(call, event, &e) != GODWIT_OK)
        gw_tell_note(call, "%s", e.message);
}
