#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The room is tested as a build with faults has it, whether or not this build is one. */
#ifndef GW_FAULTS
#define GW_FAULTS
#endif
#include "base/fault.c"
#include "child.h"

static int
visit(const void *setting)
{
    int failed = 0;
    if (setting == NULL)
        (void)unsetenv("GODWIT_FAULT");
    else
        (void)setenv("GODWIT_FAULT", setting, 1);
    for (int i = 0; i < 5; i++) {
        failed |= GW_FAULT("before_ddl") ? 64 : 0;
        failed |= GW_FAULT("after_ddl") ? 1 << i : 0;
    }
    return failed;
}

/* Which of five visits of "after_ddl" fail, in a process of its own, because a process counts its visits. */
static int
visits_that_fail(const char *setting)
{
    return in_child(visit, setting);
}

static void
does_nothing_unless_it_is_asked_for(void **state)
{
    (void)state;
    static const char *const row[] = {
        NULL,
        "",
        "after_ddl",
        "after_ddl=",
        "after_ddl=explode",
        "after=fail",
        "after_ddl_too=fail",
        "=fail",
        "AFTER_DDL=fail",
        "after_ddl:9=fail",
        "after_ddl:0=fail",
        "after_ddl:x=fail",
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_int_equal(visits_that_fail(row[i]), 0);
}

static void
fails_at_every_visit_of_the_named_place(void **state)
{
    (void)state;
    assert_int_equal(visits_that_fail("after_ddl=fail"), 1 | 2 | 4 | 8 | 16);
    assert_int_equal(visits_that_fail("before_ddl=fail"), 64);
}

static void
fails_at_the_visit_that_is_numbered(void **state)
{
    (void)state;
    assert_int_equal(visits_that_fail("after_ddl:1=fail"), 1);
    assert_int_equal(visits_that_fail("after_ddl:3=fail"), 4);
}

static void
kills_the_process_at_once(void **state)
{
    (void)state;
    assert_int_equal(visits_that_fail("after_ddl=kill"), -SIGKILL);
    assert_int_equal(visits_that_fail("after_ddl:5=kill"), -SIGKILL);
    assert_int_equal(visits_that_fail("after_ddl:6=kill"), 0);
}

static void
stops_the_process_until_it_is_continued(void **state)
{
    (void)state;
    (void)fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        (void)setenv("GODWIT_FAULT", "after_ddl=stop", 1);
        exit(GW_FAULT("after_ddl") ? 1 : 42);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(WSTOPSIG(status), SIGSTOP);
    assert_int_equal(kill(child, SIGCONT), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_nothing_unless_it_is_asked_for),
        cmocka_unit_test(fails_at_every_visit_of_the_named_place),
        cmocka_unit_test(fails_at_the_visit_that_is_numbered),
        cmocka_unit_test(kills_the_process_at_once),
        cmocka_unit_test(stops_the_process_until_it_is_continued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
