/*
 * godwit - the program: a client of godwit.h like any other.
 */
#include <errno.h>
#include <signal.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/future.h"
#include "cli/completion.h"
#include "cli/error.h"
#include "cli/face.h"
#include "cli/help.h"
#include "cli/parse.h"

/* The only mutable globals of the program: a signal handler gets no other context. */
static godwit *running;
static volatile sig_atomic_t signals;

/* The first signal asks the run to end well; the second one ends the program at once, the next run recovers. */
static void
on_signal(int number)
{
    (void)number;
    if (signals++ > 0)
        _exit(GODWIT_INTERRUPTED);
    if (running != NULL)
        godwit_cancel(running);
}

static void
listen_to_signals(godwit *gw)
{
    running = gw;
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void
show(gw_face *face, const gw_result *result, godwit_rc rc)
{
    if (face->in->options.json)
        gw_jsonl_result(face, result, rc);
    else
        gw_text_result(face, result, rc);
}

static godwit_rc
run_once(gw_face *face)
{
    GW_SCOPE(a);
    gw_result result = {.arena = a};
    const godwit_rc rc = face->in->command->run(face->in, &result);
    show(face, &result, rc);
    return rc;
}

/* --all: the command for each service, in the order of godwit.yaml; the first that fails ends it. */
static godwit_rc
run_services(gw_face *face)
{
    GW_SCOPE(a);
    gw_result result = {0};
    const char *const *names;
    size_t count;
    godwit_rc rc = godwit_services(face->in->gw, &names, &count, &result.error);
    if (rc == GODWIT_OK && count == 0)
        rc = gw_fail(&result.error, GODWIT_USAGE, "--all: godwit.yaml names no services");
    if (rc == GODWIT_OK && !face->in->command->per_service)
        rc = gw_fail(&result.error, GODWIT_USAGE, "%s does not go through services", face->in->command->name);
    if (rc != GODWIT_OK) {
        show(face, &result, rc);
        return rc;
    }
    const char **const kept = gw_new_array(a, const char *, count);
    for (size_t i = 0; i < count; i++)
        kept[i] = gw_text(a, names[i]);
    for (size_t i = 0; i < count && (rc == GODWIT_OK || rc == GODWIT_FOUND); i++) {
        if (!face->in->options.json && !face->in->options.quiet) {
            printf("%s%s:%s\n", gw_paint_out(&face->screen, GW_BOLD), kept[i], gw_paint_out(&face->screen, GW_PLAIN));
            fflush(stdout); /* before what the run says on standard error */
        }
        const godwit_rc set = godwit_set(face->in->gw, "service", kept[i], NULL);
        const godwit_rc one = set == GODWIT_OK ? run_once(face) : set;
        rc = one == GODWIT_OK ? rc : one;
    }
    return rc;
}

/* What is answered from the tables alone, without the library's work. */
static godwit_rc
answer_alone(const gw_invocation *in, gw_err *e)
{
    if (in->options.version) {
        printf("godwit %s\n", godwit_version());
        return GODWIT_OK;
    }
    if (in->command == NULL) {
        gw_help_overview();
        return in->options.help ? GODWIT_OK : GODWIT_USAGE;
    }
    if (in->options.help) {
        gw_help_command(in->command);
        return GODWIT_OK;
    }
    return strcmp(in->command->name, "help") == 0 ? gw_help_run(in, e) : gw_completion_print(in->operands[0], e);
}

static bool
is_answered_alone(const gw_invocation *in)
{
    return in->command == NULL || in->options.version || in->options.help || in->command->run == NULL;
}

/* A process list shows our words for as long as we run: passwords of URLs are taken out once they were read. */
static void
hide_passwords(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *const login = strstr(argv[i], "://");
        char *const colon = login == NULL ? NULL : strchr(login + 3, ':');
        char *const at = colon == NULL ? NULL : strchr(colon, '@');
        if (at != NULL)
            memset(colon + 1, '*', (size_t)(at - colon) - 1);
    }
}

static godwit_rc
run_program(int argc, char **argv, gw_invocation *in)
{
    gw_face face = {.in = in, .screen = gw_screen_open()};
    gw_result result = {0};
    godwit_rc rc = gw_parse(argc, argv, in, &result.error);
    hide_passwords(argc, argv);
    if (rc == GODWIT_OK && is_answered_alone(in)) {
        rc = answer_alone(in, &result.error);
        if (result.error.rc == GODWIT_OK)
            return rc;
    }
    if (rc != GODWIT_OK) {
        show(&face, &result, rc);
        return rc;
    }
    godwit_on_event(in->gw, in->options.json ? gw_jsonl_event : gw_text_event, &face);
    return in->options.all_services ? run_services(&face) : run_once(&face);
}

int
main(int argc, char **argv)
{
    gw_invocation in = {.gw = godwit_new()};
    listen_to_signals(in.gw);
    godwit_own_process(in.gw);
    godwit_rc rc = run_program(argc, argv, &in);
    if (!gw_screen_flush() && rc == GODWIT_OK) {
        if (errno != EPIPE) /* whoever reads has seen enough: `godwit help | head` */
            fprintf(stderr, "error: cannot write to standard output: %s\n", strerror(errno));
        rc = GODWIT_IO;
    }
    running = NULL;
    godwit_free(in.gw);
    if (gw_future_is_any_left())
        _exit((int)rc);
    return (int)rc;
}
