#include "config/config.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/signature.h"
#include "config/place.h"

/* ---- who says what ---- */

static bool
is_of_project(const gw_config_value *value)
{
    return value->rank >= GW_RANK_TOP && value->rank <= GW_RANK_SERVICE_ENV;
}

/* Its value is a command, for others to run: left to its shell. */
static bool
is_command(gw_setting_id id)
{
    const bool is_hook = id >= GW_SETTING_BEFORE_UP && id <= GW_SETTING_ON_FAILURE;
    return is_hook || strcmp(gw_settings[id].kind, "command") == 0;
}

/* In the folder of godwit.yaml, unless it is absolute. */
static const char *
in_folder(const gw_config *c, const char *path)
{
    return strcmp(c->folder, ".") == 0 ? path : gw_path_join(c->arena, c->folder, path);
}

static void
say_from_outside(gw_config *c, gw_setting_id id, const char *flag)
{
    gw_config_value *const value = &c->values[id];
    bool from_file = false;
    if (flag != NULL) {
        *value = (gw_config_value){.text = gw_text(c->arena, flag), .origin = "flag", .rank = GW_RANK_FLAG};
        return;
    }
    value->text = gw_env_first(c->arena, &c->env, gw_settings[id].env, &value->origin, &from_file);
    if (value->text != NULL)
        value->rank = from_file ? GW_RANK_DOTENV : GW_RANK_ENVIRONMENT;
}

static void
say_from_section(gw_config *c, const gw_project_section *section, gw_config_rank rank)
{
    for (gw_setting_id id = 0; section != NULL && id < GW_SETTING__COUNT; id++) {
        const gw_project_value *const said = &section->values[id];
        if (said->line == 0 || c->values[id].rank > rank)
            continue;
        const bool is_kept = is_command(id) && said->exec != NULL; /* not asked for the value: it is the value */
        c->values[id] = (gw_config_value){.text = is_kept ? said->exec : said->text,
                                          .exec = is_kept ? NULL : said->exec,
                                          .origin = gw_printf(c->arena, "%s:%u", c->path, said->line),
                                          .rank = rank,
                                          .offset = said->offset,
                                          .is_unfinished = true};
    }
}

static void
say_default(gw_config *c, gw_setting_id id, const char *text)
{
    if (c->values[id].rank == GW_RANK_NONE && text != NULL)
        c->values[id] = (gw_config_value){.text = text, .origin = "default", .rank = GW_RANK_DEFAULT};
}

static void
say_defaults(gw_config *c)
{
    const char *const usual = in_folder(c, gw_settings[GW_SETTING_MIGRATIONS].initial);
    const char *const other = in_folder(c, "db/migrations");
    const bool is_other = gw_path_is(usual) == GW_PATH_NONE && gw_path_is(other) == GW_PATH_DIR;
    say_default(c, GW_SETTING_MIGRATIONS, is_other ? other : usual);
    say_default(c, GW_SETTING_ENV, c->env_name);
    say_default(c, GW_SETTING_APP_ENV, c->env_name);
    for (gw_setting_id id = 0; id < GW_SETTING__COUNT; id++)
        say_default(c, id, gw_settings[id].initial);
}

/* ---- service and environment ---- */

static gw_rc
load_project(gw_config *c, gw_err *e)
{
    const gw_config_value *const said = &c->values[GW_SETTING_CONFIG];
    const char *const path = said->text != NULL ? said->text : gw_settings[GW_SETTING_CONFIG].initial;
    if (said->text == NULL && gw_path_is(path) == GW_PATH_NONE)
        return GODWIT_OK;
    if (gw_project_read(c->arena, path, &c->project, e) != GODWIT_OK)
        return said->text == NULL ? e->rc : gw_err_note(e, "said by: %s", said->origin);
    c->path = path;
    c->folder = c->project.folder;
    for (size_t i = 0; i < c->project.top->services.len; i++)
        *gw_vec_push(c->arena, &c->services) = c->project.top->services.at[i]->name;
    return GODWIT_OK;
}

static void
add_names(gw_arena *a, const gw_project_sections *sections, gw_config_names *out)
{
    for (size_t i = 0; i < sections->len; i++) {
        size_t at = 0;
        while (at < out->len && strcmp(out->at[at], sections->at[i]->name) != 0)
            at++;
        if (at == out->len)
            *gw_vec_push(a, out) = sections->at[i]->name;
    }
}

/* Of the service and of the top, each name once. */
static gw_config_names
env_names(const gw_config *c, const gw_project_section *service)
{
    gw_config_names all = {0};
    if (service != NULL)
        add_names(c->arena, &service->envs, &all);
    if (c->project.top != NULL)
        add_names(c->arena, &c->project.top->envs, &all);
    return all;
}

static const char *
listed(gw_arena *a, const gw_config_names *all)
{
    gw_buf b = gw_buf_new(a);
    for (size_t i = 0; i < all->len; i++)
        gw_buf_printf(&b, "%s%s", i == 0 ? "" : ", ", all->at[i]);
    return gw_buf_text(&b);
}

/* `what` is "environment" or "service", `key` where it is written. */
static gw_rc
fail_name(const gw_config *c, const gw_config_value *said, const char *what, const char *key,
          const gw_config_names *all, gw_err *e)
{
    const char *const near = gw_str_nearest(gw_str_of(said->text), all->at, all->len);
    (void)gw_fail(e, GODWIT_USAGE, "there is no %s '%s'", what, said->text);
    (void)gw_err_note(e, "said by: %s", said->origin);
    if (near != NULL)
        return gw_err_hint(e, "did you mean '%s'?", near);
    if (all->len > 0)
        return gw_err_hint(e, "%s has: %s", c->path, listed(c->arena, all));
    return gw_err_hint(e, "write it below '%s:' in %s", key, c->path != NULL ? c->path : "godwit.yaml");
}

static gw_rc
choose_service(gw_config *c, const gw_project_section **service, gw_err *e)
{
    const gw_config_value *const said = &c->values[GW_SETTING_SERVICE];
    if (said->text == NULL)
        return GODWIT_OK;
    *service = gw_project_service(c->project.top, gw_str_of(said->text));
    if (*service == NULL)
        return fail_name(c, said, "service", "services", &c->services, e);
    c->service = (*service)->name;
    return GODWIT_OK;
}

static bool
is_among(const gw_config_names *all, const char *name)
{
    size_t i = 0;
    while (i < all->len && strcmp(all->at[i], name) != 0)
        i++;
    return i < all->len;
}

static bool
says_url(const gw_project_section *section)
{
    return section != NULL && section->values[GW_SETTING_URL].line != 0;
}

static gw_rc
choose_env(gw_config *c, const gw_project_section *service, gw_err *e)
{
    const gw_config_value *const said = &c->values[GW_SETTING_ENV], *const app = &c->values[GW_SETTING_APP_ENV];
    const gw_config_names all = env_names(c, service);
    if (said->text != NULL && !is_among(&all, said->text))
        return fail_name(c, said, "environment", "envs", &all, e);
    if (said->text != NULL)
        c->env_name = said->text;
    else if (app->text != NULL && is_among(&all, app->text))
        c->env_name = app->text;
    else if (all.len == 1 && !says_url(c->project.top) && !says_url(service))
        c->env_name = all.at[0];
    else if (is_among(&all, "local"))
        c->env_name = "local";
    return GODWIT_OK;
}

gw_rc
gw_config_load(gw_arena *a, const char *const flags[GW_SETTING__COUNT], const char *const *environ_entries,
               gw_config *out, gw_err *e)
{
    const gw_project_section *service = NULL;
    *out = (gw_config){.arena = a, .folder = "."};
    GW_TRY(gw_env_load(a, environ_entries, ".env", &out->env, e));
    for (gw_setting_id id = 0; id < GW_SETTING__COUNT; id++)
        say_from_outside(out, id, flags[id]);
    GW_TRY(load_project(out, e));
    GW_TRY(choose_service(out, &service, e));
    GW_TRY(choose_env(out, service, e));
    const gw_str env_name = gw_str_of(out->env_name);
    say_from_section(out, out->project.top, GW_RANK_TOP);
    say_from_section(out, gw_project_env(out->project.top, env_name), GW_RANK_ENV);
    say_from_section(out, service, GW_RANK_SERVICE);
    say_from_section(out, gw_project_env(service, env_name), GW_RANK_SERVICE_ENV);
    say_defaults(out);
    return GODWIT_OK;
}

/* ---- values ---- */

/* Say where the value that is wrong comes from. */
static gw_rc
locate(const gw_config *c, gw_setting_id id, gw_err *e)
{
    const gw_config_value *const value = &c->values[id];
    if (!is_of_project(value))
        return gw_err_note(e, "'%s' is said by: %s", gw_settings[id].name, value->origin);
    const size_t shown = value->is_hidden || value->text == NULL ? 0 : gw_str_utf8_count(gw_str_of(value->text));
    const bool is_public = id != GW_SETTING_URL && id != GW_SETTING_PASSWORD && id != GW_SETTING_USER;
    return gw_place(e, GW_PLACE_YAML, c->path, c->project.text, value->offset, is_public ? shown : 0);
}

static gw_rc
fail_answer(const gw_config *c, gw_setting_id id, const char *problem, gw_err *e)
{
    (void)gw_fail(e, GODWIT_IO, "the command that '%s' asks %s", gw_settings[id].name, problem);
    (void)gw_err_hint(e, "it must print the value, in one line, and nothing else");
    return locate(c, id, e);
}

/* Run the `!exec` command. Its output is never part of an error. */
static gw_rc
ask(const gw_config *c, gw_setting_id id, const char **out, gw_err *e)
{
    const gw_proc_params params = {
        .command = c->values[id].exec, .env = gw_env_added(c->arena, &c->env), .interrupt = c->interrupt};
    gw_str answer = {0};
    if (gw_proc_run(c->arena, &params, &answer, e) != GODWIT_OK) {
        (void)gw_err_note(e, "asking for '%s' (%s)", gw_settings[id].name, c->values[id].origin);
        (void)gw_err_hint(e, "with one of these in the environment the command is not asked: %s", gw_settings[id].env);
        return locate(c, id, e);
    }
    while (gw_str_ends(answer, "\n") || gw_str_ends(answer, "\r"))
        answer.len--;
    if (answer.len == 0)
        return fail_answer(c, id, "printed nothing", e);
    if (gw_str_utf8_valid(answer) < answer.len)
        return fail_answer(c, id, "printed something that is not text", e);
    if (memchr(answer.ptr, '\n', answer.len) != NULL)
        return fail_answer(c, id, "printed more than one line", e);
    *out = gw_strdup(c->arena, answer);
    return GODWIT_OK;
}

static bool
is_path(gw_setting_id id, const char *text)
{
    const gw_str kind = gw_str_of(gw_settings[id].kind);
    const bool may_be = gw_str_is(kind, "key") && strcmp(text, "none") != 0 && !gw_signature_is_key(gw_str_of(text));
    return gw_str_is(kind, "path") || may_be;
}

/* Ask or expand. */
static gw_rc
finish(gw_config *c, gw_setting_id id, gw_err *e)
{
    gw_config_value *const value = &c->values[id];
    const char *text = value->text;
    if (value->exec != NULL)
        GW_TRY(ask(c, id, &text, e));
    else if (!is_command(id) && gw_env_expand(c->arena, &c->env, gw_str_of(value->text), &text, e) != GODWIT_OK)
        return locate(c, id, e);
    value->is_hidden = value->exec != NULL || is_command(id) || strcmp(text, value->text) != 0;
    value->text = is_path(id, text) ? in_folder(c, text) : text;
    value->exec = NULL;
    value->is_unfinished = false;
    return GODWIT_OK;
}

static gw_rc
fail_value(const gw_config *c, gw_setting_id id, const char *expected, const char *hint, gw_err *e)
{
    const gw_config_value *const value = &c->values[id];
    if (value->is_hidden)
        (void)gw_fail(e, GODWIT_USAGE, "'%s' must be %s", gw_settings[id].name, expected);
    else
        (void)gw_fail(e, GODWIT_USAGE, "'%s' must be %s, not '%s'", gw_settings[id].name, expected, value->text);
    (void)gw_err_hint(e, "%s", hint);
    return locate(c, id, e);
}

static gw_rc
check_choice(const gw_config *c, gw_setting_id id, gw_err *e)
{
    const char *const text = c->values[id].text;
    gw_str rest = gw_str_of(gw_settings[id].kind);
    if (text == NULL || !gw_str_is(gw_str_cut(rest, ' ', &rest), "choice"))
        return GODWIT_OK;
    gw_buf expected = gw_buf_new(c->arena);
    while (rest.ptr != NULL) {
        const gw_str choice = gw_str_cut(rest, '|', &rest);
        if (gw_str_is(choice, text))
            return GODWIT_OK;
        gw_buf_printf(&expected, "%s%.*s", expected.len == 0 ? "" : " or ", GW_STR_ARG(choice));
    }
    const char *const hint = gw_printf(c->arena, "without it, it is %s", gw_settings[id].initial);
    return fail_value(c, id, gw_buf_text(&expected), hint, e);
}

gw_rc
gw_config_text(gw_config *c, gw_setting_id id, const char **out, gw_err *e)
{
    if (c->values[id].is_unfinished)
        GW_TRY(finish(c, id, e));
    GW_TRY(check_choice(c, id, e));
    *out = c->values[id].text;
    return GODWIT_OK;
}

gw_rc
gw_config_ms(gw_config *c, gw_setting_id id, int64_t *out, gw_err *e)
{
    const char *text = NULL;
    gw_err ignored = {0};
    *out = 0;
    GW_TRY(gw_config_text(c, id, &text, e));
    if (text == NULL || strcmp(text, "none") == 0)
        return GODWIT_OK;
    if (gw_duration_parse(gw_str_of(text), out, &ignored) != GODWIT_OK)
        return fail_value(c, id, "a duration", "write 250ms, 30s, 5m, 1h30m or none; a bare number is seconds", e);
    return GODWIT_OK;
}

gw_rc
gw_config_count(gw_config *c, gw_setting_id id, size_t *out, gw_err *e)
{
    enum { MOST = 1000000 };
    const char *text = NULL;
    *out = 0;
    GW_TRY(gw_config_text(c, id, &text, e));
    if (text == NULL)
        return GODWIT_OK;
    for (const char *at = text; *at != '\0' && *out <= MOST; at++)
        *out = *at >= '0' && *at <= '9' ? *out * 10 + (size_t)(*at - '0') : MOST + 1;
    if (*text == '\0' || *out > MOST)
        return fail_value(c, id, "a number", "write a whole number from 0 to 1000000", e);
    return GODWIT_OK;
}

gw_rc
gw_config_switch(gw_config *c, gw_setting_id id, bool *out, gw_err *e)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    const char *text = NULL;
    *out = false;
    GW_TRY(gw_config_text(c, id, &text, e));
    if (text == NULL)
        return GODWIT_OK;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (gw_str_is_nocase(gw_str_of(text), words[i])) {
            *out = i % 2 == 1;
            return GODWIT_OK;
        }
    return fail_value(c, id, "a switch", "write true or false", e);
}

gw_rc
gw_config_command(gw_config *c, gw_setting_id id, const char **out, gw_err *e)
{
    GW_TRY(gw_config_text(c, id, out, e));
    if (*out != NULL && strstr(*out, "{}") == NULL)
        return fail_value(c, id, "a command with {} in it", "write {} where the command is to have its argument", e);
    return GODWIT_OK;
}

/* ---- the URL ---- */

static gw_rc
fail_without_url(const gw_config *c, gw_err *e)
{
    const gw_project_section *const service =
        c->service == NULL ? NULL : gw_project_service(c->project.top, gw_str_of(c->service));
    const gw_config_names all = env_names(c, service);
    (void)gw_fail(e, GODWIT_USAGE, "no database URL is given");
    if (c->services.len > 0 && c->service == NULL)
        return gw_err_hint(e, "say which service, --service NAME, or --all: %s has %s", c->path,
                           listed(c->arena, &c->services));
    if (all.len > 0 && c->env_name == NULL)
        return gw_err_hint(e, "say which environment, --env NAME: %s has %s", c->path, listed(c->arena, &all));
    if (c->env_name != NULL)
        return gw_err_hint(e, "write url: below the environment '%s' in %s, set DATABASE_URL, or say --url",
                           c->env_name, c->path);
    return gw_err_hint(e, "say --url sqlite:app.db, set DATABASE_URL, or write url: in godwit.yaml");
}

/* Put in what a setting says about user or password, unless the URL knows better. */
static gw_rc
put_in(gw_config *c, gw_setting_id id, const gw_url *url, const char **own, gw_err *e)
{
    const char *text = NULL;
    const bool is_lower = c->values[id].rank < c->values[GW_SETTING_URL].rank;
    if (is_lower && (*own != NULL || url->password != NULL))
        return GODWIT_OK;
    GW_TRY(gw_config_text(c, id, &text, e));
    if (text != NULL && *text != '\0')
        *own = text;
    return GODWIT_OK;
}

gw_rc
gw_config_url(gw_config *c, gw_url *out, gw_err *e)
{
    const char *text = NULL;
    const gw_config_value *const said = &c->values[GW_SETTING_URL];
    GW_TRY(gw_config_text(c, GW_SETTING_URL, &text, e));
    if (text == NULL)
        return fail_without_url(c, e);
    if (gw_url_parse(c->arena, gw_str_of(text), out, e) != GODWIT_OK)
        return locate(c, GW_SETTING_URL, e);
    if (gw_url_is_file(out)) {
        if (is_of_project(said) && strcmp(out->database, ":memory:") != 0)
            out->database = in_folder(c, out->database);
        return GODWIT_OK;
    }
    GW_TRY(put_in(c, GW_SETTING_USER, out, &out->user, e));
    return put_in(c, GW_SETTING_PASSWORD, out, &out->password, e);
}
