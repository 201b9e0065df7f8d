/*
 * cli/manual - the tables once more: as a man(7) page, and as JSON.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "cli/help.h"

/* Text into roff: backslashes and leading dots or apostrophes mean something there, and hyphens are minus signs. */
static void
print_roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void
print_entry(const char *label, const char *text)
{
    fputs(".TP\n.B ", stdout);
    print_roff(label);
    putchar('\n');
    print_roff(text);
    putchar('\n');
}

static void
print_options(const gw_option *options)
{
    for (const gw_option *o = options; o->name != NULL; o++) {
        char label[80];
        char letter[8] = "";
        if (o->letter != 0)
            (void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
        (void)snprintf(label, sizeof(label), "%s--%s%s%s", letter, o->name, o->value == NULL ? "" : " ",
                       o->value == NULL ? "" : o->value);
        print_entry(label, o->summary);
    }
}

static void
print_commands(void)
{
    for (const gw_command *c = gw_commands; c->name != NULL; c++) {
        fputs(".SS \"godwit ", stdout);
        print_roff(c->name);
        putchar(' ');
        print_roff(c->operands);
        fputs("\"\n", stdout);
        print_roff(c->detail);
        putchar('\n');
        print_options(c->options);
    }
}

static void
print_settings(void)
{
    size_t count;
    const godwit_setting *const settings = godwit_settings(&count);
    for (size_t i = 0; i < count; i++) {
        const godwit_setting *const s = &settings[i];
        char name[64], label[256];
        gw_setting_option_name(s, name);
        (void)snprintf(label, sizeof(label), "%s%s", gw_setting_has_option(s) ? "--" : "",
                       gw_setting_has_option(s) ? name : s->name);
        print_entry(label, s->summary);
        printf(".br\nIn godwit.yaml: %s. Environment: %s. Default: %s.\n", s->name, s->env[0] == '\0' ? "none" : s->env,
               s->initial == NULL ? "none" : s->initial);
    }
}

void
gw_help_manual(void)
{
    printf(".TH GODWIT 1 \"November 21, 2026\" \"godwit %s\" \"User Commands\"\n.SH NAME\ngodwit \\- database "
           "migrations\n.SH SYNOPSIS\n"
           ".B godwit\n[options] command [arguments]\n.SH DESCRIPTION\n"
           "Takes a PostgreSQL, MySQL, MariaDB or SQLite database from the schema it has to the schema you want, "
           "safely.\n.SH COMMANDS\n",
           godwit_version());
    print_commands();
    printf(".SH OPTIONS\n");
    print_options(gw_common_options);
    print_settings();
    printf(".SH EXIT STATUS\n");
    for (size_t i = 0; i < gw_exit_code_count; i++) {
        char code[16];
        (void)snprintf(code, sizeof(code), "%d", gw_exit_codes[i].code);
        print_entry(code, gw_exit_codes[i].meaning);
    }
}

static void
put_options(gw_json *j, const gw_option *options)
{
    gw_json_open(j, "options", '[');
    for (const gw_option *o = options; o->name != NULL; o++) {
        const char letter[2] = {o->letter, '\0'};
        gw_json_open(j, NULL, '{');
        gw_json_text(j, "name", o->name);
        gw_json_text(j, "letter", letter);
        gw_json_text(j, "value", o->value);
        gw_json_text(j, "summary", o->summary);
        gw_json_close(j, '}');
    }
    gw_json_close(j, ']');
}

static void
put_commands(gw_json *j)
{
    gw_json_open(j, "commands", '[');
    for (const gw_command *c = gw_commands; c->name != NULL; c++) {
        gw_json_open(j, NULL, '{');
        gw_json_text(j, "name", c->name);
        gw_json_text(j, "alias", c->alias);
        gw_json_text(j, "operands", c->operands);
        gw_json_text(j, "summary", c->summary);
        gw_json_text(j, "detail", c->detail);
        put_options(j, c->options);
        gw_json_close(j, '}');
    }
    gw_json_close(j, ']');
}

static void
put_settings(gw_json *j)
{
    size_t count;
    const godwit_setting *const settings = godwit_settings(&count);
    gw_json_open(j, "settings", '[');
    for (size_t i = 0; i < count; i++) {
        char option[64];
        gw_setting_option_name(&settings[i], option);
        gw_json_open(j, NULL, '{');
        gw_json_text(j, "name", settings[i].name);
        gw_json_text(j, "option", gw_setting_has_option(&settings[i]) ? option : NULL);
        gw_json_text(j, "kind", settings[i].kind);
        gw_json_text(j, "env", settings[i].env);
        gw_json_text(j, "default", settings[i].initial);
        gw_json_text(j, "summary", settings[i].summary);
        gw_json_close(j, '}');
    }
    gw_json_close(j, ']');
}

static void
put_directives(gw_json *j)
{
    size_t count;
    const godwit_directive *const directives = godwit_directives(&count);
    gw_json_open(j, "directives", '[');
    for (size_t i = 0; i < count; i++) {
        gw_json_open(j, NULL, '{');
        gw_json_text(j, "name", directives[i].name);
        gw_json_text(j, "value", directives[i].value);
        gw_json_bool(j, "file", directives[i].file);
        gw_json_bool(j, "statement", directives[i].statement);
        gw_json_bool(j, "supported", directives[i].supported);
        gw_json_text(j, "summary", directives[i].summary);
        gw_json_close(j, '}');
    }
    gw_json_close(j, ']');
}

void
gw_help_json(void)
{
    GW_SCOPE(a);
    gw_buf out = gw_buf_new(a);
    gw_json j = gw_json_new(&out);
    gw_json_open(&j, NULL, '{');
    gw_json_text(&j, "version", godwit_version());
    put_commands(&j);
    put_options(&j, gw_common_options);
    put_settings(&j);
    put_directives(&j);
    gw_json_open(&j, "exit_codes", '[');
    for (size_t i = 0; i < gw_exit_code_count; i++) {
        gw_json_open(&j, NULL, '{');
        gw_json_int(&j, "code", gw_exit_codes[i].code);
        gw_json_text(&j, "meaning", gw_exit_codes[i].meaning);
        gw_json_close(&j, '}');
    }
    gw_json_close(&j, ']');
    size_t count;
    const godwit_pattern *const patterns = godwit_patterns(&count);
    gw_json_open(&j, "patterns", '[');
    for (size_t i = 0; i < count; i++) {
        gw_json_open(&j, NULL, '{');
        gw_json_text(&j, "name", patterns[i].name);
        gw_json_text(&j, "summary", patterns[i].summary);
        gw_json_close(&j, '}');
    }
    gw_json_close(&j, ']');
    gw_json_close(&j, '}');
    puts(gw_buf_text(&out));
}
