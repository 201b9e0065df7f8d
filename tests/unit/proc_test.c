#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/proc.h"
#include "child.h"

/* The output of a command that must succeed. */
static const char *
hear(gw_arena *a, const gw_proc_params *p)
{
    gw_str output = {0};
    gw_err e = {0};
    if (gw_proc_run(a, p, &output, &e) != GODWIT_OK)
        fail_msg("%s", e.message);
    return gw_strdup(a, output);
}

static gw_err
fail_of(const gw_proc_params *p)
{
    GW_SCOPE(a);
    gw_str output = {0};
    gw_err e = {0};
    assert_int_equal(gw_proc_run(a, p, &output, &e), GODWIT_IO);
    return e;
}

static void
gives_the_output_without_the_last_line_break(void **state)
{
    (void)state;
    static const struct {
        const char *command, *output;
    } row[] = {
        {"echo hello", "hello"},
        {"printf hello", "hello"},
        {"printf 'a\\nb\\n\\n'", "a\nb\n"},
        {"printf 'a\\r\\n'", "a"},
        {"true", ""},
        {"echo", ""},
        {"echo one; echo two >&2; echo three", "one\nthree"},
    };
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_string_equal(hear(a, &(gw_proc_params){.command = row[i].command, .quiet = true}), row[i].output);
}

static void
feeds_the_input(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(hear(a, &(gw_proc_params){.command = "cat", .input = GW_STR_LIT("a\nb")}), "a\nb");
    assert_string_equal(hear(a, &(gw_proc_params){.command = "cat"}), "");
    assert_string_equal(hear(a, &(gw_proc_params){.command = "cat /dev/stdin", .input = GW_STR_LIT("x")}), "x");
}

static void
big_input_and_big_output_do_not_wait_for_each_other(void **state)
{
    (void)state;
    GW_SCOPE(a);
    gw_err e = {0};
    gw_str output = {0};
    const size_t len = 3000000;
    char *const text = gw_alloc(a, len);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 23);
    const gw_proc_params p = {.command = "cat", .input = {text, len}, .output_cap = len};
    assert_int_equal(gw_proc_run(a, &p, &output, &e), GODWIT_OK);
    assert_true(gw_str_eq(output, p.input));
}

static void
does_not_mind_a_command_that_leaves_its_input_unread(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const size_t len = 2000000;
    const gw_proc_params p = {.command = "exec <&-; echo done", .input = {gw_alloc(a, len), len}};
    assert_string_equal(hear(a, &p), "done");
}

static void
adds_to_the_environment_and_replaces_what_has_the_same_name(void **state)
{
    (void)state;
    static const char *const env[] = {"GODWIT_ONE=new", "GODWIT_THREE=a=b", NULL};
    GW_SCOPE(a);
    assert_int_equal(setenv("GODWIT_ONE", "old", 1), 0);
    assert_int_equal(setenv("GODWIT_TWO", "kept", 1), 0);
    assert_int_equal(setenv("GODWIT_ONE_MORE", "kept too", 1), 0);
    const gw_proc_params p = {
        .command = "echo $GODWIT_ONE $GODWIT_TWO $GODWIT_THREE $GODWIT_ONE_MORE; env | grep -c GODWIT_ONE=",
        .env = env};
    assert_string_equal(hear(a, &p), "new kept a=b kept too\n1");
    assert_string_equal(hear(a, &(gw_proc_params){.command = "echo $GODWIT_ONE"}), "old");
}

static void
says_how_a_command_failed(void **state)
{
    (void)state;
    static const struct {
        const char *command, *message;
    } row[] = {
        {"exit 3", "command \"exit\" ended with status 3"},
        {"false --password=hunter2", "command \"false\" ended with status 1"},
        {"/usr/bin/env false", "command \"/usr/bin/env\" ended with status 1"},
        {"kill -9 $$", "command \"kill\" was killed by signal 9 (Killed)"},
        {"no-such-program-here x", "command \"no-such-program-here\" ended with status 127"},
        {"/etc/passwd", "command \"/etc/passwd\" ended with status 126"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        const gw_err e = fail_of(&(gw_proc_params){.command = row[i].command, .quiet = true});
        assert_string_equal(e.message, row[i].message);
    }
}

static void
hints_at_what_the_shell_could_not_run(void **state)
{
    (void)state;
    const gw_err missing = fail_of(&(gw_proc_params){.command = "no-such-program-here", .quiet = true});
    const gw_err not_executable = fail_of(&(gw_proc_params){.command = "/etc/passwd", .quiet = true});
    assert_non_null(strstr(missing.hint, "PATH"));
    assert_non_null(strstr(not_executable.hint, "executable"));
}

static void
never_repeats_what_may_be_a_secret(void **state)
{
    (void)state;
    static const char *const row[] = {
        "TOKEN=hunter2 false",
        "TOKEN='a hunter2' false",
        "(echo hunter2; false)",
        "\"hunter2\"",
        "'hunter2' x",
        "  $hunter2 x; false",
        "hunter2=x; false",
        "false;hunter2",
        "",
    };
    for (size_t i = 0; i + 1 < sizeof(row) / sizeof(row[0]); i++) {
        const gw_err e = fail_of(&(gw_proc_params){.command = row[i], .quiet = true});
        assert_null(strstr(e.message, "hunter2"));
        assert_non_null(strstr(e.message, "the command ended with status"));
    }
    GW_SCOPE(a);
    char *const endless = gw_alloc(a, 5001);
    memset(endless, 'x', 5000);
    const gw_err e = fail_of(&(gw_proc_params){.command = endless, .quiet = true});
    assert_true(strlen(e.message) < 300);
}

static void
an_empty_command_does_nothing(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(hear(a, &(gw_proc_params){.command = ""}), "");
}

/* Gone, or waiting to be buried by whoever adopted it. */
static bool
is_dead(gw_arena *a, pid_t process)
{
    char line[256] = {0};
    FILE *const f = fopen(gw_printf(a, "/proc/%d/stat", (int)process), "r");
    if (f == NULL)
        return true;
    const bool is_zombie = fgets(line, sizeof(line), f) != NULL && strstr(line, ") Z ") != NULL;
    (void)fclose(f);
    return is_zombie;
}

static void
kills_a_command_that_outlives_its_time_with_all_that_it_started(void **state)
{
    (void)state;
    char name[] = "/tmp/godwit-proc-XXXXXX";
    const int fd = mkstemp(name);
    assert_true(fd >= 0);
    GW_SCOPE(a);
    const int64_t begin = gw_clock_ms();
    const gw_err e = fail_of(&(gw_proc_params){
        .command = gw_printf(a, "sleep 60 & echo $! > %s; cat %s; wait", name, name), .timeout_ms = 300});
    assert_in_range(gw_clock_ms() - begin, 299, 20000);
    assert_string_equal(e.message, "command \"sleep\" was killed: it did not end within 300 ms");
    char text[32] = {0};
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    const pid_t sleeper = (pid_t)strtol(text, NULL, 10);
    assert_true(sleeper > 1);
    for (int i = 0; i < 500 && !is_dead(a, sleeper); i++)
        gw_sleep_ms(10);
    assert_true(is_dead(a, sleeper));
    (void)close(fd);
    (void)unlink(name);
}

static void
kills_a_command_that_closed_its_output_and_goes_on(void **state)
{
    (void)state;
    const gw_err e = fail_of(&(gw_proc_params){.command = "exec >&-; sleep 60", .timeout_ms = 300});
    assert_string_equal(e.message, "command \"exec\" was killed: it did not end within 300 ms");
}

static void
waits_for_a_command_that_closed_its_output(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(hear(a, &(gw_proc_params){.command = "echo early; exec >&-; sleep 0.1"}), "early");
}

static void
is_patient_with_a_slow_command(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(hear(a, &(gw_proc_params){.command = "sleep 0.5; echo late"}), "late");
}

static void
kills_a_command_that_talks_without_end(void **state)
{
    (void)state;
    const gw_err many = fail_of(&(gw_proc_params){.command = "yes", .output_cap = 10000});
    assert_string_equal(many.message, "command \"yes\" was killed: it wrote more than 10000 bytes");
    const gw_err usual = fail_of(&(gw_proc_params){.command = "yes"});
    assert_string_equal(usual.message, "command \"yes\" was killed: it wrote more than 1048576 bytes");
}

static void
kills_a_command_that_talks_when_its_time_is_over(void **state)
{
    (void)state;
    const gw_err e = fail_of(
        &(gw_proc_params){.command = "while :; do echo x; done", .timeout_ms = 100, .output_cap = (size_t)1 << 30});
    assert_string_equal(e.message, "command \"while\" was killed: it did not end within 100 ms");
}

static void
takes_output_up_to_its_cap(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(hear(a, &(gw_proc_params){.command = "printf 12345", .output_cap = 5}), "12345");
    (void)fail_of(&(gw_proc_params){.command = "printf 123456", .output_cap = 5});
}

static int
run_with_signals_ignored_and_blocked(const void *subject)
{
    (void)subject;
    GW_SCOPE(a);
    sigset_t all;
    sigset_t now;
    struct sigaction pipe_action;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    gw_str output = {0};
    gw_err e = {0};
    const gw_rc rc = gw_proc_run(a, &(gw_proc_params){.command = "kill -TERM $$; echo alive"}, &output, &e);
    if (rc != GODWIT_IO || strcmp(e.message, "command \"kill\" was killed by signal 15 (Terminated)") != 0)
        return 1;
    (void)sigprocmask(SIG_SETMASK, NULL, &now);
    (void)sigaction(SIGPIPE, NULL, &pipe_action);
    return sigismember(&now, SIGUSR1) == 1 && pipe_action.sa_handler == SIG_IGN ? 0 : 2;
}

static void
the_command_has_signals_as_usual_and_ours_stay_as_they_are(void **state)
{
    (void)state;
    assert_int_equal(in_child(run_with_signals_ignored_and_blocked, NULL), 0);
}

/* What the test itself was given is not what the room leaks. */
static void
keep_own_files_private(void)
{
    for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static const char list_files[] = "ls /proc/self/fd | tr '\\n' ' '"; /* 3 is the folder that ls reads */

static int
run_without_standard_files(const void *subject)
{
    (void)subject;
    GW_SCOPE(a);
    gw_str output = {0};
    gw_err e = {0};
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    (void)close(STDERR_FILENO);
    keep_own_files_private();
    const gw_proc_params p = {
        .command = gw_printf(a, "cat; %s", list_files), .input = GW_STR_LIT("in\n"), .quiet = true};
    if (gw_proc_run(a, &p, &output, &e) != GODWIT_OK)
        return 1;
    return gw_str_is(output, "in\n0 1 2 3 ") ? 0 : 2;
}

static void
works_when_the_caller_has_closed_its_standard_files(void **state)
{
    (void)state;
    assert_int_equal(in_child(run_without_standard_files, NULL), 0);
}

static void
leaks_no_file_into_the_command_and_keeps_none(void **state)
{
    (void)state;
    GW_SCOPE(a);
    const int before = dup(STDOUT_FILENO);
    (void)close(before);
    keep_own_files_private();
    assert_string_equal(hear(a, &(gw_proc_params){.command = list_files}), "0 1 2 3 ");
    (void)fail_of(&(gw_proc_params){.command = "exit 1"});
    (void)fail_of(&(gw_proc_params){.command = "sleep 60", .timeout_ms = 10});
    const int after = dup(STDOUT_FILENO);
    (void)close(after);
    assert_int_equal(after, before);
}

typedef struct shortage {
    int first; /* file that is closed, and all behind it */
    rlim_t room;
} shortage;

static int
run_without_room_for_files(const void *subject)
{
    GW_SCOPE(a);
    const shortage *const s = subject;
    struct rlimit before;
    gw_str output = {0};
    gw_err e = {0};
    (void)getrlimit(RLIMIT_NOFILE, &before);
    for (int fd = s->first; fd < 256; fd++)
        (void)close(fd);
    if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){s->room, before.rlim_max}) != 0)
        return 1;
    const gw_rc rc = gw_proc_run(a, &(gw_proc_params){.command = "echo x"}, &output, &e);
    (void)setrlimit(RLIMIT_NOFILE, &before);
    if (rc != GODWIT_IO)
        return 2;
    return strstr(e.message, "could not be started: ") != NULL ? 0 : 3;
}

static int
run_without_room_for_processes(const void *subject)
{
    (void)subject;
    GW_SCOPE(a);
    struct rlimit before;
    gw_str output = {0};
    gw_err e = {0};
    (void)getrlimit(RLIMIT_NPROC, &before);
    if (setrlimit(RLIMIT_NPROC, &(struct rlimit){0, before.rlim_max}) != 0)
        return 1;
    if (geteuid() == 0 && setresuid(65534, 65534, 0) != 0) /* the limit does not hold for root */
        return 2;
    const gw_rc rc = gw_proc_run(a, &(gw_proc_params){.command = "echo x"}, &output, &e);
    (void)setresuid((uid_t)-1, 0, 0);
    (void)setrlimit(RLIMIT_NPROC, &before);
    if (rc != GODWIT_IO)
        return 3;
    return strcmp(e.message, "command \"echo\" could not be started: Resource temporarily unavailable") == 0 ? 0 : 4;
}

static void
says_when_a_command_could_not_be_started(void **state)
{
    (void)state;
    static const shortage row[] = {{3, 3}, {3, 5}, {0, 3}, {0, 4}};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_int_equal(in_child(run_without_room_for_files, &row[i]), 0);
    assert_int_equal(in_child(run_without_room_for_processes, NULL), 0);
}

static int
feed_more_than_a_file_may_hold(const void *subject)
{
    (void)subject;
    GW_SCOPE(a);
    const struct rlimit small = {1000, RLIM_INFINITY};
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    gw_str output = {0};
    gw_err e = {0};
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &small) != 0)
        return 1;
    const gw_proc_params p = {.command = "cat", .input = {gw_alloc(a, 5000), 5000}};
    const gw_rc rc = gw_proc_run(a, &p, &output, &e);
    (void)setrlimit(RLIMIT_FSIZE, &none);
    if (rc != GODWIT_IO)
        return 2;
    return strcmp(e.message, "command \"cat\" could not be started: File too large") == 0 ? 0 : 3;
}

static void
says_when_the_input_cannot_be_kept(void **state)
{
    (void)state;
    assert_int_equal(in_child(feed_more_than_a_file_may_hold, NULL), 0);
}

static int
run_where_children_are_buried_by_the_system(const void *subject)
{
    (void)subject;
    GW_SCOPE(a);
    gw_str output = {0};
    gw_err e = {0};
    (void)signal(SIGCHLD, SIG_IGN);
    if (gw_proc_run(a, &(gw_proc_params){.command = "echo x"}, &output, &e) != GODWIT_IO)
        return 1;
    return strcmp(e.message, "how command \"echo\" ended is unknown: No child processes") == 0 ? 0 : 2;
}

static void
does_not_guess_how_a_command_ended(void **state)
{
    (void)state;
    assert_int_equal(in_child(run_where_children_are_buried_by_the_system, NULL), 0);
}

/* The message of a command that has a terminal, in a session of its own. */
static void
check_on_a_terminal(const char *command, const char *message)
{
    int terminal = -1;
    int status = 0;
    (void)fflush(NULL);
    const pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0) {
        const gw_err e = fail_of(&(gw_proc_params){.command = command, .timeout_ms = 30000});
        exit(strcmp(e.message, message) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(terminal);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
a_command_that_asks_on_the_terminal_is_killed_at_once(void **state)
{
    (void)state;
    const int64_t begin = gw_clock_ms();
    check_on_a_terminal("cat /dev/tty", "command \"cat\" was killed: it wants to ask something on the terminal");
    check_on_a_terminal("stty -echo </dev/tty",
                        "command \"stty\" was killed: it wants to ask something on the terminal");
    assert_true(gw_clock_ms() - begin < 30000);
}

static void
a_command_that_was_stopped_may_be_continued(void **state)
{
    (void)state;
    GW_SCOPE(a);
    assert_string_equal(hear(a, &(gw_proc_params){.command = "(sleep 0.5; kill -CONT $$) & kill -STOP $$; echo on"}),
                        "on");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_output_without_the_last_line_break),
        cmocka_unit_test(feeds_the_input),
        cmocka_unit_test(big_input_and_big_output_do_not_wait_for_each_other),
        cmocka_unit_test(does_not_mind_a_command_that_leaves_its_input_unread),
        cmocka_unit_test(adds_to_the_environment_and_replaces_what_has_the_same_name),
        cmocka_unit_test(says_how_a_command_failed),
        cmocka_unit_test(hints_at_what_the_shell_could_not_run),
        cmocka_unit_test(never_repeats_what_may_be_a_secret),
        cmocka_unit_test(an_empty_command_does_nothing),
        cmocka_unit_test(kills_a_command_that_outlives_its_time_with_all_that_it_started),
        cmocka_unit_test(kills_a_command_that_closed_its_output_and_goes_on),
        cmocka_unit_test(waits_for_a_command_that_closed_its_output),
        cmocka_unit_test(is_patient_with_a_slow_command),
        cmocka_unit_test(kills_a_command_that_talks_without_end),
        cmocka_unit_test(kills_a_command_that_talks_when_its_time_is_over),
        cmocka_unit_test(takes_output_up_to_its_cap),
        cmocka_unit_test(the_command_has_signals_as_usual_and_ours_stay_as_they_are),
        cmocka_unit_test(works_when_the_caller_has_closed_its_standard_files),
        cmocka_unit_test(leaks_no_file_into_the_command_and_keeps_none),
        cmocka_unit_test(says_when_a_command_could_not_be_started),
        cmocka_unit_test(says_when_the_input_cannot_be_kept),
        cmocka_unit_test(does_not_guess_how_a_command_ended),
        cmocka_unit_test(a_command_that_asks_on_the_terminal_is_killed_at_once),
        cmocka_unit_test(a_command_that_was_stopped_may_be_continued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
