#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "cli/parse.h"

enum { WIDTH = 78, SUMMARY_COLUMN = 29 };

/* The text, broken at blanks and indented; `indented`: the cursor stands there already. */
static void
print_wrapped(const char *text, size_t indent, bool indented)
{
    size_t column = 0;
    while (*text != '\0') {
        const size_t len = strcspn(text, " ");
        if (column > 0 && indent + column + 1 + len > WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column == 0 && !indented)
            printf("%*s", (int)indent, "");
        else if (column > 0)
            putchar(' ');
        indented = false;
        column += len + (column > 0);
        printf("%.*s", (int)len, text);
        text += len + (text[len] == ' ');
    }
    putchar('\n');
}

static void
print_row(const char *left, const char *right)
{
    const bool fits = strlen(left) + 3 < SUMMARY_COLUMN;
    if (fits)
        printf("  %-*s", SUMMARY_COLUMN - 2, left);
    else
        printf("  %s\n", left);
    print_wrapped(right, SUMMARY_COLUMN, fits);
}

static void
option_label(const gw_option *o, char *label, size_t size)
{
    const char *const value = o->value == NULL ? "" : o->value;
    if (o->letter != 0)
        (void)snprintf(label, size, "-%c, --%s%s%s", o->letter, o->name, value[0] == '\0' ? "" : " ", value);
    else
        (void)snprintf(label, size, "    --%s%s%s", o->name, value[0] == '\0' ? "" : " ", value);
}

static void
print_options(const gw_option *options)
{
    char label[80];
    for (const gw_option *o = options; o->name != NULL; o++) {
        option_label(o, label, sizeof(label));
        print_row(label, o->summary);
    }
}

static const char *
value_name(const godwit_setting *s)
{
    static const struct {
        const char *kind, *value;
    } names[] = {{"switch", ""},   {"duration", "DURATION"}, {"count", "N"},        {"list", "LIST"},
                 {"path", "PATH"}, {"key", "KEY"},           {"command", "COMMAND"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(s->kind, names[i].kind) == 0)
            return names[i].value;
    return strncmp(s->kind, "choice ", 7) == 0 ? s->kind + 7 : "TEXT";
}

static void
print_settings(void)
{
    size_t count;
    const godwit_setting *const settings = godwit_settings(&count);
    for (size_t i = 0; i < count; i++) {
        char name[64], label[160];
        if (!gw_setting_has_option(&settings[i]))
            continue;
        gw_setting_option_name(&settings[i], name);
        (void)snprintf(label, sizeof(label), "    --%s %s", name, value_name(&settings[i]));
        print_row(label, settings[i].summary);
    }
}

void
gw_help_overview(void)
{
    printf("godwit %s takes a PostgreSQL, MySQL/MariaDB or SQLite database from the schema\nit has to the schema you "
           "want, safely.\n\n"
           "usage: godwit [options] <command> [arguments]\n\ncommands:\n",
           godwit_version());
    for (const gw_command *c = gw_commands; c->name != NULL; c++) {
        char label[80];
        (void)snprintf(label, sizeof(label), "%s %s", c->name, c->operands);
        print_row(label, c->summary);
    }
    printf("\noptions of every command:\n");
    print_options(gw_common_options);
    print_settings();
    printf("\n`godwit help COMMAND` says more. Settings can also stand in the environment and in godwit.yaml.\n");
}

void
gw_help_command(const gw_command *c)
{
    printf("usage: godwit %s%s%s [options]\n\n", c->name, c->operands[0] == '\0' ? "" : " ", c->operands);
    print_wrapped(c->detail, 0, false);
    if (c->alias != NULL)
        printf("\n`godwit %s` is the same.\n", c->alias);
    if (c->options->name != NULL) {
        printf("\noptions:\n");
        print_options(c->options);
    }
    printf("\n`godwit help` lists the options of every command.\n");
}

static gw_rc
help_on(const gw_invocation *in, gw_err *e)
{
    size_t taken;
    const gw_command *const c = gw_command_find(in->operands[0], in->operands[1], &taken);
    if (c != NULL) {
        gw_help_command(c);
        return GODWIT_OK;
    }
    bool group = false;
    const size_t len = strlen(in->operands[0]);
    for (const gw_command *g = gw_commands; g->name != NULL; g++)
        if (strncmp(g->name, in->operands[0], len) == 0 && g->name[len] == ' ') {
            char label[80];
            (void)snprintf(label, sizeof(label), "%s %s", g->name, g->operands);
            print_row(label, g->summary);
            group = true;
        }
    if (group)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "there is no command '%s'", in->operands[0]);
    return gw_err_hint(e, "`godwit help` lists the commands");
}

gw_rc
gw_help_run(const gw_invocation *in, gw_err *e)
{
    if (in->operand_count > 0)
        return help_on(in, e);
    if (in->options.man)
        gw_help_manual();
    else if (in->options.json)
        gw_help_json();
    else
        gw_help_overview();
    return GODWIT_OK;
}
