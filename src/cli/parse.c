#include "cli/parse.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"

typedef struct words {
    int argc, at;
    char *const *argv;
} words;

static bool
is_named(const gw_command *c, const char *first, const char *second, size_t *taken)
{
    const char *const blank = strchr(c->name, ' ');
    *taken = blank == NULL ? 1 : 2;
    if (blank == NULL)
        return strcmp(c->name, first) == 0 || (c->alias != NULL && strcmp(c->alias, first) == 0);
    const size_t len = (size_t)(blank - c->name);
    return strlen(first) == len && strncmp(c->name, first, len) == 0 && second != NULL &&
           strcmp(blank + 1, second) == 0;
}

const gw_command *
gw_command_find(const char *first, const char *second, size_t *taken)
{
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        if (is_named(c, first, second, taken))
            return c;
    return NULL;
}

static bool
is_group(const char *word)
{
    const gw_command_group *g = gw_command_groups;
    while (g->name != NULL && strcmp(g->name, word) != 0)
        g++;
    return g->name != NULL;
}

/* "db create, db drop or db wait" */
static gw_rc
hint_group(const char *group, gw_err *e)
{
    GW_SCOPE(a);
    gw_vec(const char *) names = {0};
    gw_buf all = gw_buf_new(a);
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        if (gw_command_within(c, group) != NULL)
            *gw_vec_push(a, &names) = c->name;
    for (size_t i = 0; i < names.len; i++)
        gw_buf_printf(&all, "%s%s", i == 0 ? "" : i + 1 < names.len ? ", " : " or ", names.at[i]);
    return gw_err_hint(e, "%s", gw_buf_text(&all));
}

static gw_rc
unknown_command(const char *first, const char *second, gw_err *e)
{
    GW_SCOPE(a);
    gw_vec(const char *) names = {0};
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        *gw_vec_push(a, &names) = c->name;
    const bool group = is_group(first);
    const char *const said = group && second != NULL ? gw_printf(a, "%s %s", first, second) : first;
    const char *const nearest = gw_str_nearest(gw_str_of(said), names.at, names.len);
    (void)gw_fail(e, GODWIT_USAGE,
                  group && second == NULL ? "'%s' needs to know what to do" : "there is no command '%s'", said);
    if (group)
        return hint_group(first, e);
    return nearest != NULL ? gw_err_hint(e, "did you mean '%s'?", nearest)
                           : gw_err_hint(e, "`godwit help` lists the commands");
}

static const gw_option *
find_in(const gw_option *options, gw_str name, char letter)
{
    for (const gw_option *o = options; options != NULL && o->name != NULL; o++)
        if ((letter != 0 && o->letter == letter) || (letter == 0 && gw_str_is(name, o->name)))
            return o;
    return NULL;
}

static const gw_option *
find_option(const gw_command *command, gw_str name, char letter)
{
    const gw_option *const own = command == NULL ? NULL : find_in(command->options, name, letter);
    return own != NULL ? own : find_in(gw_common_options, name, letter);
}

static const godwit_setting *
find_setting(gw_str name)
{
    size_t count;
    const godwit_setting *const settings = godwit_settings(&count);
    for (size_t i = 0; i < count; i++) {
        char option[64];
        gw_setting_option_name(&settings[i], option);
        if (gw_str_is(name, option))
            return &settings[i];
    }
    return NULL;
}

static gw_rc
unknown_option(const gw_command *command, gw_str name, gw_err *e)
{
    GW_SCOPE(a);
    gw_vec(const char *) names = {0};
    size_t count;
    const godwit_setting *const settings = godwit_settings(&count);
    for (size_t i = 0; i < count; i++) {
        char *const option = gw_alloc(a, 64);
        gw_setting_option_name(&settings[i], option);
        *gw_vec_push(a, &names) = option;
    }
    for (const gw_option *o = gw_common_options; o->name != NULL; o++)
        *gw_vec_push(a, &names) = o->name;
    for (const gw_option *o = command == NULL ? NULL : command->options; o != NULL && o->name != NULL; o++)
        *gw_vec_push(a, &names) = o->name;
    const char *const nearest = gw_str_nearest(name, names.at, names.len);
    (void)gw_fail(e, GODWIT_USAGE, "%s has no option --%.*s", command == NULL ? "godwit" : command->name,
                  GW_STR_ARG(name));
    if (nearest != NULL)
        return gw_err_hint(e, "did you mean --%s?", nearest);
    return gw_err_hint(e, "`godwit help %s` lists the options", command == NULL ? "" : command->name);
}

/* The value of an option: behind '=', or the next word. */
static gw_rc
take_value(words *w, const char *name, const char *attached, const char **out, gw_err *e)
{
    if (attached != NULL) {
        *out = attached;
        return GODWIT_OK;
    }
    if (w->at + 1 >= w->argc)
        return gw_fail(e, GODWIT_USAGE, "--%s needs a value", name);
    *out = w->argv[++w->at];
    return GODWIT_OK;
}

static gw_rc
store_count(const gw_option *o, const char *value, size_t least, size_t *out, gw_err *e)
{
    char *end;
    assert(value != NULL);
    errno = 0;
    const unsigned long long number = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || number < least)
        return gw_fail(e, GODWIT_USAGE, "--%s needs a number%s, not '%s'", o->name, least == 0 ? "" : " greater than 0",
                       value);
    *out = (size_t)number;
    return GODWIT_OK;
}

static gw_rc
store_number(const gw_option *o, const char *value, gw_number *out, gw_err *e)
{
    out->is_said = true;
    return store_count(o, value, 0, &out->value, e);
}

static gw_rc
store(words *w, const gw_option *o, const char *attached, gw_options *out, gw_err *e)
{
    void *const member = (char *)out + o->offset;
    const char *value = NULL;
    if (o->kind == GW_OPTION_FLAG) {
        if (attached != NULL)
            return gw_fail(e, GODWIT_USAGE, "--%s takes no value", o->name);
        *(bool *)member = true;
        return GODWIT_OK;
    }
    GW_TRY(take_value(w, o->name, attached, &value, e));
    switch (o->kind) {
    case GW_OPTION_COUNT:
        return store_count(o, value, 1, member, e);
    case GW_OPTION_NUMBER:
        return store_number(o, value, member, e);
    case GW_OPTION_DURATION:
        return gw_duration_parse(gw_str_of(value), member, e);
    case GW_OPTION_TEXT:
    case GW_OPTION_FLAG:
    default:
        *(const char **)member = value;
        return GODWIT_OK;
    }
}

static gw_rc
store_setting(words *w, const godwit_setting *setting, gw_str name, const char *attached, godwit *gw, gw_err *e)
{
    const char *value = attached;
    if (!gw_setting_has_option(setting)) {
        (void)gw_fail(e, GODWIT_USAGE, "--%.*s is not an option: a process list would show it", GW_STR_ARG(name));
        return gw_err_hint(e, "set one of these in the environment: %s", setting->env);
    }
    if (value == NULL && strcmp(setting->kind, "switch") == 0)
        value = "true";
    if (value == NULL)
        GW_TRY(take_value(w, setting->name, NULL, &value, e));
    return godwit_set(gw, setting->name, value, e);
}

static gw_rc
parse_long(words *w, gw_invocation *out, gw_err *e)
{
    gw_str value;
    const gw_str name = gw_str_cut(gw_str_of(w->argv[w->at] + 2), '=', &value);
    const gw_option *const option = find_option(out->command, name, 0);
    if (option != NULL)
        return store(w, option, value.ptr, &out->options, e);
    const godwit_setting *const setting = find_setting(name);
    return setting != NULL ? store_setting(w, setting, name, value.ptr, out->gw, e)
                           : unknown_option(out->command, name, e);
}

static gw_rc
parse_short(words *w, gw_invocation *out, gw_err *e)
{
    for (const char *c = w->argv[w->at] + 1; *c != '\0'; c++) {
        const gw_option *const option = find_option(out->command, (gw_str){0}, *c);
        if (option == NULL)
            return gw_fail(e, GODWIT_USAGE, "%s has no option -%c",
                           out->command == NULL ? "godwit" : out->command->name, *c);
        const bool flag = option->kind == GW_OPTION_FLAG;
        GW_TRY(store(w, option, flag || c[1] == '\0' ? NULL : c + 1, &out->options, e));
        if (!flag)
            break;
    }
    return GODWIT_OK;
}

static bool
is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

/* The command is the first word that is neither an option nor the value of one. */
static gw_rc
find_command(const words *w, gw_invocation *out, int *first, int *second, gw_err *e)
{
    *first = *second = 0;
    for (int i = 1; i < w->argc && strcmp(w->argv[i], "--") != 0; i++) {
        if (is_option(w->argv[i])) {
            const char *const word = w->argv[i];
            const bool apart = strchr(word, '=') == NULL;
            const godwit_setting *const setting = word[1] == '-' && apart ? find_setting(gw_str_of(word + 2)) : NULL;
            i += setting != NULL && gw_setting_has_option(setting) && strcmp(setting->kind, "switch") != 0;
            continue;
        }
        *first = i;
        break;
    }
    if (*first == 0)
        return GODWIT_OK;
    const char *const next = *first + 1 < w->argc ? w->argv[*first + 1] : NULL;
    size_t taken;
    out->command = gw_command_find(w->argv[*first], next, &taken);
    if (out->command == NULL)
        return unknown_command(w->argv[*first], next, e);
    *second = taken == 2 ? *first + 1 : 0;
    return GODWIT_OK;
}

static gw_rc
check_operands(const gw_invocation *in, gw_err *e)
{
    const gw_command *const c = in->command;
    if (c == NULL || in->options.help || in->operand_count >= c->least)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "%s needs %s", c->name, c->operands);
    return gw_err_hint(e, "godwit %s %s", c->name, c->operands);
}

/* Whoever asked for JSON gets it also for a command line that is wrong. */
static bool
wants_json(int argc, char *const *argv)
{
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0 && strcmp(argv[i], "--json") != 0)
        i++;
    return i < argc && strcmp(argv[i], "--json") == 0;
}

gw_rc
gw_parse(int argc, char *const *argv, gw_invocation *out, gw_err *e)
{
    out->options.json = wants_json(argc, argv);
    words w = {.argc = argc, .argv = argv};
    int first, second;
    bool only_operands = false;
    GW_TRY(find_command(&w, out, &first, &second, e));
    for (w.at = 1; w.at < argc; w.at++) {
        const char *const word = argv[w.at];
        if (w.at == first || w.at == second)
            continue;
        if (!only_operands && strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (!only_operands && is_option(word)) {
            GW_TRY(word[1] == '-' ? parse_long(&w, out, e) : parse_short(&w, out, e));
        } else {
            if (out->command == NULL || out->operand_count == out->command->most) {
                (void)gw_fail(e, GODWIT_USAGE, "one word too many: '%s'", word);
                return gw_err_hint(e, "godwit %s %s", out->command == NULL ? "help" : out->command->name,
                                   out->command == NULL ? "" : out->command->operands);
            }
            out->operands[out->operand_count++] = word;
        }
    }
    return check_operands(out, e);
}
