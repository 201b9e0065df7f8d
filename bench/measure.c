/*
 * Runs a command and writes to descriptor 3: seconds, the most memory it held (KiB), exit code, seconds of a processor.
 *
 *     measure COMMAND [ARGUMENT...] 3>result
 *
 * A shell or a script would do, but that a process inherits the high-water mark of the one that starts it: this one is small.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double
now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    struct rusage used;
    pid_t pid;
    int status;
    if (argc < 2)
        return 2;
    (void)fcntl(3, F_SETFD, FD_CLOEXEC);
    const double begun = now();
    const int failed = posix_spawnp(&pid, argv[1], NULL, NULL, argv + 1, environ);
    if (failed != 0) {
        fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(failed));
        return 127;
    }
    if (wait4(pid, &status, 0, &used) != pid)
        return 1;
    const double seconds = now() - begun;
    const double worked = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                          (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    dprintf(3, "%.6f %ld %d %.6f\n", seconds, used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128, worked);
    return 0;
}
