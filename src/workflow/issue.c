#include "workflow/issue.h"

#include <string.h>

#include "base/map.h"
#include "base/proc.h"

/* What trackers call it. */
static const struct {
    const char *word;
    bool is_closed;
} states[] = {
    {"open", false},     {"opened", false},      {"reopened", false},   {"new", false},        {"to do", false},
    {"todo", false},     {"in progress", false}, {"backlog", false},    {"closed", true},      {"close", true},
    {"merged", true},    {"done", true},         {"resolved", true},    {"fixed", true},       {"completed", true},
    {"cancelled", true}, {"canceled", true},     {"not planned", true}, {"not_planned", true}, {"wontfix", true},
};

typedef struct asking {
    gw_arena *a;
    gw_call *call;
    const char *command; /* with {} */
    gw_map *asked;       /* issue → what was printed */
} asking;

static const char *
command_for(const asking *s, gw_str issue)
{
    gw_buf line = gw_buf_new(s->a);
    const char *from = s->command;
    for (const char *at; (at = strstr(from, "{}")) != NULL; from = at + 2) {
        gw_buf_add(&line, (gw_str){from, (size_t)(at - from)});
        gw_buf_add(&line, issue);
    }
    gw_buf_puts(&line, from);
    return gw_buf_text(&line);
}

static gw_rc
place(const gw_pair *pair, gw_err *e)
{
    const gw_file *const file = pair->made_by;
    return gw_err_at(e, file->path, file->phases->text, (size_t)(pair->shim->issue.ptr - file->phases->text.ptr));
}

static gw_rc
ask(asking *s, const gw_pair *pair, const char **out, gw_err *e)
{
    const gw_str issue = gw_shim_issue(pair->shim);
    gw_str answer;
    *out = gw_map_get(s->asked, issue);
    if (*out != NULL)
        return GODWIT_OK;
    const gw_proc_params p = {.command = command_for(s, issue),
                              .env = gw_env_added(s->a, &s->call->config->env),
                              .interrupt = s->call->interrupt};
    if (gw_proc_run(s->a, &p, &answer, e) != GODWIT_OK) {
        (void)gw_err_note(e, "asking for the state of the issue %.*s ('issues', %s)", GW_STR_ARG(pair->shim->issue),
                          s->call->config->values[GW_SETTING_ISSUES].origin);
        return e->rc == GODWIT_INTERRUPTED ? e->rc : place(pair, e);
    }
    answer = gw_str_trim(answer);
    if (answer.len > 1 && gw_str_starts(answer, "\"") && gw_str_ends(answer, "\"")) /* JSON */
        answer = gw_str_slice(answer, 1, answer.len - 1);
    *out = gw_strdup(s->a, answer);
    gw_map_put(s->asked, issue, (void *)(uintptr_t)*out);
    return GODWIT_OK;
}

static gw_rc
fail_unknown(const asking *s, const gw_pair *pair, const char *answer, gw_err *e)
{
    enum { SHOWN = 60 };
    gw_str rest;
    const gw_str line = gw_str_cut(gw_str_of(answer), '\n', &rest);
    if (line.len == 0)
        (void)gw_fail(e, GODWIT_IO, "the command that 'issues' asks printed nothing about %.*s",
                      GW_STR_ARG(pair->shim->issue));
    else
        (void)gw_fail(e, GODWIT_IO, "'%.*s' is no state of an issue: that is what the command printed about %.*s",
                      GW_STR_ARG(gw_str_slice(line, 0, line.len < SHOWN ? line.len : SHOWN)),
                      GW_STR_ARG(pair->shim->issue));
    (void)place(pair, e);
    (void)gw_err_note(e, "'issues' is said by: %s", s->call->config->values[GW_SETTING_ISSUES].origin);
    return gw_err_hint(e, "it must print the state and nothing else: open, or closed, in any case");
}

static void
add_closed(const asking *s, const gw_pair *pair, const char *answer, gw_problems *out)
{
    gw_err *const e = gw_vec_push(s->a, out);
    *e = (gw_err){0};
    (void)gw_fail(e, GODWIT_FOLDER, "the issue %.*s is %s, and no migration drops the shim of %.*s yet",
                  GW_STR_ARG(pair->shim->issue), answer, GW_STR_ARG(pair->shim->old));
    (void)place(pair, e);
    (void)gw_err_hint(e, "open it again, or write the migration: -- godwit:n-1-shim-drop: %.*s",
                      GW_STR_ARG(pair->shim->old));
}

static gw_rc
check_pair(asking *s, const gw_pair *pair, gw_problems *out, gw_err *e)
{
    const char *answer;
    size_t i = 0;
    GW_TRY(ask(s, pair, &answer, e));
    while (i < sizeof(states) / sizeof(states[0]) && !gw_str_is_nocase(gw_str_of(answer), states[i].word))
        i++;
    if (i == sizeof(states) / sizeof(states[0]))
        return fail_unknown(s, pair, answer, e);
    if (states[i].is_closed)
        add_closed(s, pair, answer, out);
    return GODWIT_OK;
}

gw_rc
gw_issues_check(gw_arena *a, gw_call *call, const gw_phases *phases, gw_problems *out, gw_err *e)
{
    asking s = {.a = a, .call = call, .asked = gw_map_new(a)};
    for (size_t i = 0; i < phases->pairs.len; i++) {
        if (phases->pairs.at[i].dropped_by != NULL)
            continue;
        if (s.command == NULL)
            GW_TRY(gw_config_command(call->config, GW_SETTING_ISSUES, &s.command, e));
        if (s.command == NULL || *s.command == '\0')
            return GODWIT_OK;
        GW_TRY(check_pair(&s, &phases->pairs.at[i], out, e));
    }
    return GODWIT_OK;
}
