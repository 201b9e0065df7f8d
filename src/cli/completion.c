#include "cli/completion.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"

typedef void option_fn(const char *name, char letter, bool takes_value, const char *summary, const gw_command *only);

/* The options of all commands. */
static void
each_common_option(option_fn *fn)
{
    size_t count;
    const godwit_setting *const settings = godwit_settings(&count);
    for (const gw_option *o = gw_common_options; o->name != NULL; o++)
        fn(o->name, o->letter, o->kind != GW_OPTION_FLAG, o->summary, NULL);
    for (size_t i = 0; i < count; i++) {
        char name[64];
        gw_setting_option_name(&settings[i], name);
        if (gw_setting_has_option(&settings[i]))
            fn(name, 0, strcmp(settings[i].kind, "switch") != 0, settings[i].summary, NULL);
    }
}

static void
each_own_option(const gw_command *c, option_fn *fn)
{
    for (const gw_option *o = c->options; o->name != NULL; o++)
        fn(o->name, o->letter, o->kind != GW_OPTION_FLAG, o->summary, c);
}

/* A pattern of the shell for "<first word> <second word>…" of a call of the command: `up\ *|migrate\ *`, `db\ drop*`. */
static void
print_call_pattern(const gw_command *c)
{
    const size_t len = strcspn(c->name, " ");
    printf("        %.*s\\ %s*", (int)len, c->name, c->name[len] == ' ' ? c->name + len + 1 : "");
    if (c->alias != NULL)
        printf("|%s\\ *", c->alias);
    putchar(')');
}

/* The text between single quotes, for all three shells; in zsh's specifications brackets and colons mean something. */
static void
print_quoted(const char *text, const char *escaped)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr(escaped, *text) != NULL)
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static const char *
last_word(const char *name)
{
    const char *const blank = strchr(name, ' ');
    return blank == NULL ? name : blank + 1;
}

/* The first words of the commands. */
static void
print_first_words(void)
{
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        if (strchr(c->name, ' ') == NULL)
            printf(" %s", c->name);
    for (const gw_command_group *g = gw_command_groups; g->name != NULL; g++)
        printf(" %s", g->name);
}

/* The second words of those of a group. */
static void
print_second_words(const char *group)
{
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        if (gw_command_within(c, group) != NULL)
            printf(" %s", gw_command_within(c, group));
}

/* What a word may be followed by, apart from options. */
static const struct {
    const char *word, *next;
} followed[] = {
    {"lock", "status release"},
    {"run", "pre-commit pre-push"},
    {"ci", "github gitlab"},
    {"completion", "bash zsh fish"},
};
enum { FOLLOWED = sizeof(followed) / sizeof(followed[0]) };

static void
bash_option(const char *name, char letter, bool takes_value, const char *summary, const gw_command *only)
{
    (void)letter, (void)takes_value, (void)summary, (void)only;
    printf(" --%s", name);
}

static void
print_bash(void)
{
    fputs("_godwit() {\n    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options='", stdout);
    each_common_option(bash_option);
    fputs("'\n    case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n", stdout);
    for (const gw_command *c = gw_commands; c->name != NULL; c++) {
        if (c->options->name == NULL)
            continue;
        print_call_pattern(c);
        fputs(" options+='", stdout);
        each_own_option(c, bash_option);
        fputs("' ;;\n", stdout);
    }
    fputs("    esac\n    case $before in\n", stdout);
    for (const gw_command_group *g = gw_command_groups; g->name != NULL; g++) {
        printf("        %s) COMPREPLY=($(compgen -W '", g->name);
        print_second_words(g->name);
        fputs("' -- \"$word\")); return ;;\n", stdout);
    }
    for (size_t i = 0; i < FOLLOWED; i++)
        printf("        %s) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n", followed[i].word,
               followed[i].next);
    fputs("        --dir|--config|--output) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n    esac\n"
          "    case $word in\n        -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
          "        *) COMPREPLY=($(compgen -W '",
          stdout);
    print_first_words();
    fputs("' -- \"$word\")) ;;\n    esac\n}\ncomplete -o default -F _godwit godwit\n", stdout);
}

static void
zsh_option(const char *name, char letter, bool takes_value, const char *summary, const gw_command *only)
{
    (void)letter, (void)only;
    printf("        '--%s%s[", name, takes_value ? "=" : "");
    print_quoted(summary, "[]:\\");
    printf("]%s'\n", takes_value ? ":value:_files" : "");
}

static void
zsh_word(const char *word, const char *summary)
{
    printf("        '%s:", word);
    print_quoted(summary, ":\\");
    fputs("'\n", stdout);
}

/* What may follow the word before. */
static void
zsh_next_words(void)
{
    fputs("    case ${words[CURRENT-1]} in\n", stdout);
    for (const gw_command_group *g = gw_command_groups; g->name != NULL; g++) {
        printf("        %s) group=(\n", g->name);
        for (const gw_command *c = gw_commands; c->name != NULL; c++)
            if (gw_command_within(c, g->name) != NULL)
                zsh_word(gw_command_within(c, g->name), c->summary);
        fputs("        ); _describe command group; return ;;\n", stdout);
    }
    for (size_t i = 0; i < FOLLOWED; i++)
        printf("        %s) compadd %s; return ;;\n", followed[i].word, followed[i].next);
    fputs("    esac\n", stdout);
}

static void
print_zsh(void)
{
    fputs("#compdef godwit\n_godwit() {\n    local -a commands group options\n    commands=(\n", stdout);
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        if (strchr(c->name, ' ') == NULL)
            zsh_word(c->name, c->summary);
    for (const gw_command_group *g = gw_command_groups; g->name != NULL; g++)
        zsh_word(g->name, g->summary);
    fputs("    )\n    options=(\n", stdout);
    each_common_option(zsh_option);
    fputs("    )\n    case \"${words[2]} ${words[3]}\" in\n", stdout);
    for (const gw_command *c = gw_commands; c->name != NULL; c++) {
        if (c->options->name == NULL)
            continue;
        print_call_pattern(c);
        fputs(" options+=(\n", stdout);
        each_own_option(c, zsh_option);
        fputs("        ) ;;\n", stdout);
    }
    fputs("    esac\n", stdout);
    zsh_next_words();
    fputs("    if [[ ${words[CURRENT]} == -* ]]; then\n        _arguments -s : $options\n    else\n        _describe "
          "command commands\n    fi\n}\n"
          "if [ \"$funcstack[1]\" = _godwit ]; then\n    _godwit \"$@\"\nelse\n    compdef _godwit godwit\nfi\n",
          stdout);
}

/* The end of a text between single quotes. */
static void
print_quoted_fish(const char *text)
{
    for (; *text != '\0'; text++)
        printf(*text == '\'' ? "\\%c" : "%c", *text);
    putchar('\'');
}

static void
fish_option(const char *name, char letter, bool takes_value, const char *summary, const gw_command *only)
{
    printf("complete -c godwit");
    if (only != NULL)
        printf(" -n '__fish_seen_subcommand_from %s'", last_word(only->name));
    printf(" -l %s", name);
    if (letter != 0)
        printf(" -s %c", letter);
    printf("%s -d '", takes_value ? " -r" : "");
    print_quoted_fish(summary);
    putchar('\n');
}

static void
fish_word(const char *after, const char *words, const char *summary)
{
    printf("complete -c godwit -f -n '%s%s' -a '%s'",
           after == NULL ? "__fish_use_subcommand" : "__fish_seen_subcommand_from ", after == NULL ? "" : after, words);
    if (summary != NULL) {
        fputs(" -d '", stdout);
        print_quoted_fish(summary);
    }
    putchar('\n');
}

static void
print_fish(void)
{
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        if (strchr(c->name, ' ') == NULL)
            fish_word(NULL, c->name, c->summary);
    for (const gw_command_group *g = gw_command_groups; g->name != NULL; g++) {
        fish_word(NULL, g->name, g->summary);
        for (const gw_command *c = gw_commands; c->name != NULL; c++)
            if (gw_command_within(c, g->name) != NULL)
                fish_word(g->name, gw_command_within(c, g->name), c->summary);
    }
    for (size_t i = 0; i < FOLLOWED; i++)
        fish_word(followed[i].word, followed[i].next, NULL);
    each_common_option(fish_option);
    for (const gw_command *c = gw_commands; c->name != NULL; c++)
        each_own_option(c, fish_option);
}

static const struct {
    const char *name;
    void (*print)(void);
} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

gw_rc
gw_completion_print(const char *shell, gw_err *e)
{
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].print();
            return GODWIT_OK;
        }
    (void)gw_fail(e, GODWIT_USAGE, "there are no completions for '%s'", shell);
    return gw_err_hint(e, "bash, zsh or fish");
}
