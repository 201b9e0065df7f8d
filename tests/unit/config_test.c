#include "config/config.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cases.h"
#include "show_error.h"

/* A case's input is a folder and a call:
 *
 *     @file godwit.yaml      the lines that follow are this file
 *     @folder db/migrations
 *     @environment           NAME=value, one a line
 *     @flags                 setting=value, one a line
 *     @ask                   one a line: all, url, env, text NAME, ms NAME, count NAME, switch NAME, command NAME, read PATH
 *
 * A command of `!exec` that leaves a file behind tells whether it ran. */
typedef struct scene {
    gw_arena *a;
    const char *flags[GW_SETTING__COUNT];
    gw_vec(const char *) environment;
    gw_vec(gw_str) questions;
} scene;

static int
remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void
remove_folder(void *path)
{
    (void)nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void
take_part(scene *s, gw_str head, gw_str body)
{
    gw_err e = {0};
    gw_str name;
    const gw_str verb = gw_str_cut(head, ' ', &name);
    if (gw_str_is(verb, "@file"))
        assert_int_equal(gw_file_write(gw_strdup(s->a, name), body, &e), GODWIT_OK);
    if (gw_str_is(verb, "@folder"))
        assert_int_equal(gw_dir_make(gw_strdup(s->a, name), &e), GODWIT_OK);
    while (!gw_str_is(verb, "@file") && body.len > 0) {
        gw_str rest, value;
        const gw_str line = gw_str_cut(body, '\n', &rest), key = gw_str_cut(line, '=', &value);
        if (gw_str_is(verb, "@environment"))
            *gw_vec_push(s->a, &s->environment) = gw_strdup(s->a, line);
        if (gw_str_is(verb, "@ask"))
            *gw_vec_push(s->a, &s->questions) = line;
        if (gw_str_is(verb, "@flags"))
            s->flags[gw_setting_find(key)] = gw_strdup(s->a, value);
        body = rest;
    }
}

static void
set_up(scene *s, gw_str input)
{
    while (input.len > 0) {
        gw_str rest;
        const gw_str head = gw_str_cut(input, '\n', &rest);
        const char *const next = rest.len == 0        ? NULL
                                 : rest.ptr[0] == '@' ? rest.ptr
                                                      : memmem(rest.ptr, rest.len, "\n@", 2);
        const size_t len = next == NULL ? rest.len : (size_t)(next - rest.ptr) + (*next == '\n');
        take_part(s, head, gw_str_slice(rest, 0, len));
        input = gw_str_slice(rest, len, rest.len);
    }
    *gw_vec_push(s->a, &s->environment) = NULL;
}

static void
show_url(gw_arena *a, gw_buf *out, gw_config *c, gw_err *e)
{
    gw_url url;
    if (gw_config_url(c, &url, e) != GODWIT_OK)
        return;
    gw_buf_printf(out, "%s", gw_url_show(a, &url));
    if (url.password != NULL)
        gw_buf_printf(out, " with password %s", url.password);
    gw_buf_puts(out, "\n");
}

static void
show_file(gw_arena *a, gw_buf *out, const char *path)
{
    gw_err e = {0};
    gw_str text = {0};
    if (gw_file_read(a, path, 1000, &text, &e) == GODWIT_OK)
        gw_buf_printf(out, "%s holds [%.*s]\n", path, GW_STR_ARG(gw_str_trim(text)));
    else
        gw_buf_printf(out, "%s\n", e.message);
}

static void
show_all(gw_buf *out, const gw_config *c)
{
    for (gw_setting_id id = 0; id < GW_SETTING__COUNT; id++) {
        const gw_config_value *const value = &c->values[id];
        if (value->text != NULL || value->exec != NULL)
            gw_buf_printf(out, "%s = %s (%s)\n", gw_settings[id].name, value->exec != NULL ? "!exec" : value->text,
                          value->origin);
    }
}

static void
answer(gw_arena *a, gw_buf *out, gw_config *c, gw_str question, gw_err *e)
{
    gw_str name;
    const gw_str verb = gw_str_cut(question, ' ', &name);
    const gw_setting_id id = name.ptr == NULL ? GW_SETTING__COUNT : gw_setting_find(name);
    const char *text = NULL;
    int64_t ms = 0;
    size_t count = 0;
    bool is_on = false;
    if (gw_str_is(verb, "all"))
        show_all(out, c);
    else if (gw_str_is(verb, "url"))
        show_url(a, out, c, e);
    else if (gw_str_is(verb, "env"))
        gw_buf_printf(out, "env %s, service %s\n", c->env_name == NULL ? "-" : c->env_name,
                      c->service == NULL ? "-" : c->service);
    else if (gw_str_is(verb, "text") && gw_config_text(c, id, &text, e) == GODWIT_OK)
        gw_buf_printf(out, "%s = %s (%s)\n", gw_settings[id].name, text == NULL ? "-" : text,
                      text == NULL ? "-" : c->values[id].origin);
    else if (gw_str_is(verb, "ms") && gw_config_ms(c, id, &ms, e) == GODWIT_OK)
        gw_buf_printf(out, "%s = %lld ms\n", gw_settings[id].name, (long long)ms);
    else if (gw_str_is(verb, "count") && gw_config_count(c, id, &count, e) == GODWIT_OK)
        gw_buf_printf(out, "%s = %zu\n", gw_settings[id].name, count);
    else if (gw_str_is(verb, "switch") && gw_config_switch(c, id, &is_on, e) == GODWIT_OK)
        gw_buf_printf(out, "%s = %s\n", gw_settings[id].name, is_on ? "on" : "off");
    else if (gw_str_is(verb, "command") && gw_config_command(c, id, &text, e) == GODWIT_OK)
        gw_buf_printf(out, "%s runs %s\n", gw_settings[id].name, text == NULL ? "nothing" : text);
    else if (gw_str_is(verb, "read"))
        show_file(a, out, gw_strdup(a, name));
}

static gw_str
configure(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    GW_SCOPE(folders);
    gw_buf out = gw_buf_new(a);
    scene s = {.a = a};
    gw_config config;
    gw_err e = {0};
    char folder[] = "/tmp/godwit-config-XXXXXX";
    assert_non_null(mkdtemp(folder));
    gw_defer(folders, remove_folder, folder);
    assert_int_equal(chdir(folder), 0);
    set_up(&s, c->input);
    if (gw_config_load(a, s.flags, s.environment.at, &config, &e) != GODWIT_OK) {
        show_error(&out, &e);
        return gw_buf_str(&out);
    }
    for (size_t i = 0; i < s.questions.len; i++) {
        e = (gw_err){0};
        answer(a, &out, &config, s.questions.at[i], &e);
        if (e.rc != GODWIT_OK)
            show_error(&out, &e);
    }
    assert_int_equal(chdir("/"), 0);
    return gw_buf_str(&out);
}

static void
finds_out_what_a_call_is_to_do(void **state)
{
    (void)state;
    assert_int_equal(run_cases("config/config.txt", configure, NULL), 0);
}

static void
knows_what_godwit_yaml_may_say(void **state)
{
    (void)state;
    assert_int_equal(run_cases("config/project.txt", configure, NULL), 0);
}

static void
keeps_secrets_out_of_every_error(void **state)
{
    (void)state;
    assert_int_equal(run_cases("config/secrets.txt", configure, NULL), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_out_what_a_call_is_to_do),
        cmocka_unit_test(knows_what_godwit_yaml_may_say),
        cmocka_unit_test(keeps_secrets_out_of_every_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
