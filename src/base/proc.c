#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"

enum { DEFAULT_TIMEOUT_MS = 60000, DEFAULT_OUTPUT_CAP = 1 << 20, PATIENCE_MS = 200 };

typedef gw_vec(char *) environment;

/* A command that runs. Its input is a file in memory, so that nobody has to feed it while it talks. */
typedef struct running {
    gw_arena *arena;
    const char *name; /* for messages */
    pid_t pid;        /* also its process group; 0 when it is not there any more */
    int input, output, output_writer;
    int64_t timeout_ms, deadline;
    const gw_interrupt *interrupt;
} running;

/* The first word when it is plainly a program's name: `TOKEN=x program` or a quotation could hold a secret. */
static const char *
first_word(gw_arena *a, const char *command)
{
    const gw_str text = gw_str_trim(gw_str_of(command));
    const size_t len = strcspn(text.ptr, " \t\r\n");
    const size_t plain = strspn(text.ptr, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+-");
    if (len == 0 || len != plain)
        return "the command";
    return gw_printf(a, "command \"%.*s\"", (int)(len > 200 ? 200 : len), text.ptr);
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* The undo of a start: nothing of the command stays behind. */
static void
stop(void *subject)
{
    running *const r = subject;
    close_fd(&r->input);
    close_fd(&r->output);
    close_fd(&r->output_writer);
    if (r->pid == 0)
        return;
    (void)kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR) /* uncovered: a signal in that moment */
        ;
    r->pid = 0;
}

static gw_rc
cannot_start(const running *r, gw_err *e, int number)
{
    return gw_fail(e, GODWIT_IO, "%s could not be started: %s", r->name, strerror(number));
}

/* Above the standard three, which the command gets as its own: a caller may have closed those. */
static int
above_standard(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    const int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    (void)close(fd);
    return moved;
}

static gw_rc
open_ends(running *r, gw_str input, gw_err *e)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return cannot_start(r, e, errno);
    r->output = above_standard(ends[0]);
    r->output_writer = above_standard(ends[1]);
    r->input = above_standard(memfd_create("godwit-input", MFD_CLOEXEC));
    if (r->output < 0 || r->output_writer < 0 || r->input < 0)
        return cannot_start(r, e, errno);
    while (input.len > 0) {
        const ssize_t put = write(r->input, input.ptr, input.len);
        if (put < 0)
            return cannot_start(r, e, errno);
        input = gw_str_slice(input, (size_t)put, input.len);
    }
    (void)lseek(r->input, 0, SEEK_SET);
    return GODWIT_OK;
}

static bool
is_same_name(const char *left, const char *right)
{
    const size_t len = strcspn(left, "=");
    return strncmp(left, right, len) == 0 && right[len] == '=';
}

/* The caller's environment, with ours instead of variables of the same name. */
static char **
build_environment(gw_arena *a, const char *const *ours)
{
    static const char *const none[] = {NULL};
    environment all = {0};
    if (ours == NULL)
        ours = none;
    for (char *const *theirs = environ; *theirs != NULL; theirs++) {
        const char *const *same = ours;
        while (*same != NULL && !is_same_name(*same, *theirs))
            same++;
        if (*same == NULL)
            *gw_vec_push(a, &all) = *theirs;
    }
    for (; *ours != NULL; ours++)
        *gw_vec_push(a, &all) = gw_text(a, *ours);
    *gw_vec_push(a, &all) = NULL;
    return all.at;
}

/* A process group of its own, the signals as a fresh program expects them, and our three ends. */
static int
spawn(running *r, const gw_proc_params *p)
{
    static const int usual[] = {SIGPIPE, SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD};
    char shell[] = "sh";
    char option[] = "-c";
    char *const argv[] = {shell, option, gw_text(r->arena, p->command), NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t defaults;
    (void)sigemptyset(&none);
    (void)sigemptyset(&defaults);
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        (void)sigaddset(&defaults, usual[i]);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, r->input, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, r->output_writer, STDOUT_FILENO);
    if (p->quiet)
        (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int number =
        posix_spawn(&r->pid, "/bin/sh", &actions, &attributes, argv, build_environment(r->arena, p->env));
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return number;
}

static gw_rc
start(running *r, const gw_proc_params *p, gw_err *e)
{
    GW_TRY(open_ends(r, p->input, e));
    const int number = spawn(r, p);
    if (number != 0) {
        r->pid = 0;
        return cannot_start(r, e, number);
    }
    close_fd(&r->output_writer);
    close_fd(&r->input);
    return GODWIT_OK;
}

/* GODWIT_OK while there is time and nobody wants it to end. */
static gw_rc
check_end(const running *r, gw_err *e)
{
    if (gw_interrupt_is_asked(r->interrupt))
        return gw_fail(e, GODWIT_INTERRUPTED, "%s was killed: interrupted", r->name);
    if (gw_clock_ms() < r->deadline)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_IO, "%s was killed: it did not end within %s", r->name,
                   gw_duration_text(r->arena, r->timeout_ms));
}

/* A process group of its own is not the terminal's: reading from there stops it for ever. */
static bool
waits_for_terminal(const running *r)
{
    siginfo_t how = {0};
    (void)waitid(P_PID, (id_t)r->pid, &how, WSTOPPED | WNOHANG | WNOWAIT);
    return how.si_pid == r->pid && (how.si_status == SIGTTIN || how.si_status == SIGTTOU);
}

static gw_rc
asked(const running *r, gw_err *e)
{
    gw_fail(e, GODWIT_IO, "%s was killed: it wants to ask something on the terminal", r->name);
    return gw_err_hint(e, "it runs without one: sign in before, or make it answer without asking");
}

/* Read until nobody can write any more. */
static gw_rc
hear(const running *r, size_t cap, gw_buf *heard, gw_err *e)
{
    char bytes[4096];
    for (;;) {
        struct pollfd ready[] = {{.fd = r->output, .events = POLLIN},
                                 {.fd = gw_interrupt_fd(r->interrupt), .events = POLLIN}};
        GW_TRY(check_end(r, e));
        const int64_t left = r->deadline - gw_clock_ms();
        if (poll(ready, 2, left < 0 ? 0 : left < PATIENCE_MS ? (int)left : PATIENCE_MS) <= 0) {
            if (waits_for_terminal(r))
                return asked(r, e);
            continue;
        }
        if (ready[0].revents == 0)
            continue;
        const ssize_t got = read(r->output, bytes, sizeof(bytes));
        if (got == 0)
            return GODWIT_OK;
        if (got > 0) /* uncovered: a ready pipe can be read; if not, the time limit ends this */
            gw_buf_add(heard, (gw_str){bytes, (size_t)got});
        if (heard->len > cap)
            return gw_fail(e, GODWIT_IO, "%s was killed: it wrote more than %zu bytes", r->name, cap);
    }
}

/* It may go on after it closed its output. Waiting is by trying: a wait with a time limit there is not. */
static gw_rc
await(running *r, int *status, gw_err *e)
{
    int64_t pause_ms = 1;
    for (;;) {
        const pid_t ended = waitpid(r->pid, status, WNOHANG);
        if (ended == r->pid) {
            r->pid = 0;
            return GODWIT_OK;
        }
        if (ended < 0) {
            r->pid = 0;
            return gw_fail(e, GODWIT_IO, "how %s ended is unknown: %s", r->name, strerror(errno));
        }
        GW_TRY(check_end(r, e));
        gw_interrupt_sleep(r->interrupt, pause_ms);
        pause_ms = pause_ms < 16 ? pause_ms * 2 : pause_ms;
    }
}

static gw_rc
judge(const running *r, int status, gw_err *e)
{
    if (WIFSIGNALED(status))
        return gw_fail(e, GODWIT_IO, "%s was killed by signal %d (%s)", r->name, WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    const int code = WEXITSTATUS(status);
    if (code == 0)
        return GODWIT_OK;
    gw_fail(e, GODWIT_IO, "%s ended with status %d", r->name, code);
    if (code == 127)
        return gw_err_hint(e, "the shell did not find the program: is it installed, and in PATH?");
    if (code == 126)
        return gw_err_hint(e, "the shell may not execute the program: is it executable?");
    return e->rc;
}

gw_rc
gw_proc_run(gw_arena *a, const gw_proc_params *p, gw_str *output, gw_err *e)
{
    GW_SCOPE(scope);
    running *const r = gw_new(scope, running);
    gw_buf heard = gw_buf_new(a);
    int status = 0;
    *r = (running){.arena = scope, .input = -1, .output = -1, .output_writer = -1, .interrupt = p->interrupt};
    r->name = first_word(scope, p->command);
    r->timeout_ms = p->timeout_ms > 0 ? p->timeout_ms : DEFAULT_TIMEOUT_MS;
    r->deadline = gw_clock_ms() + r->timeout_ms;
    gw_defer(scope, stop, r);
    GW_TRY(start(r, p, e));
    GW_TRY(hear(r, p->output_cap > 0 ? p->output_cap : DEFAULT_OUTPUT_CAP, &heard, e));
    GW_TRY(await(r, &status, e));
    GW_TRY(judge(r, status, e));
    *output = gw_buf_str(&heard);
    if (gw_str_ends(*output, "\n"))
        output->len--;
    if (gw_str_ends(*output, "\r"))
        output->len--;
    return GODWIT_OK;
}
