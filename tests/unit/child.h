/*
 * tests/child - code in a process of its own: what ends the process, or changes it for good.
 *
 * The child ends by exit(), so that it counts for coverage; for that, fn gives back the rights and limits that it took.
 */
#ifndef GW_TESTS_CHILD_H
#define GW_TESTS_CHILD_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The exit status of a child that calls fn; minus the signal that killed it. */
static inline int
in_child(int (*fn)(const void *subject), const void *subject)
{
    int status = 0;
    (void)fflush(NULL); /* or the child would write it once more */
    const pid_t child = fork();
    if (child == 0)
        exit(fn(subject));
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#endif
