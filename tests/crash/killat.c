/*
 * killat - preloaded into a program, it counts the calls by which that touches the world, and acts at one of them.
 *
 *     KILLAT_LOG=FILE      write a line for each call: its name, descriptor and size
 *     KILLAT_AT=K          at the K-th call …
 *     KILLAT_SIGNAL=N      … send ourselves this signal (9)
 *     KILLAT_AFTER=MS      … after the call was carried out and so many milliseconds passed; without it: before the call
 *     KILLAT_FULL=FILE     while that file exists no regular file can be written: "No space left on device"
 *     KILLAT_FULL_FROM=K   … or after the K-th call
 *     KILLAT_FULL_NAMES=T  … and only files are concerned in whose path that text stands
 *
 * What is written to descriptors 0 to 2 does not count, nor do reads of anything but sockets.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static atomic_long calls;
static long act_at;
static int act_signal = SIGKILL;
static long act_after = -1;
static int log_fd = -1;
static const char *full;
static const char *full_names;
static long full_from;

/* PostgreSQL writes its title over the environment that it was started with. */
static const char *
kept(const char *name)
{
    const char *const value = getenv(name);
    return value == NULL ? NULL : strdup(value);
}

__attribute__((constructor)) static void
prepare(void)
{
    const char *const at = getenv("KILLAT_AT");
    const char *const number = getenv("KILLAT_SIGNAL");
    const char *const after = getenv("KILLAT_AFTER");
    const char *const path = getenv("KILLAT_LOG");
    act_at = at == NULL ? 0 : strtol(at, NULL, 10);
    act_signal = number == NULL ? SIGKILL : (int)strtol(number, NULL, 10);
    act_after = after == NULL ? -1 : strtol(after, NULL, 10);
    const char *const from = getenv("KILLAT_FULL_FROM");
    full = kept("KILLAT_FULL");
    full_names = kept("KILLAT_FULL_NAMES");
    full_from = from == NULL ? 0 : strtol(from, NULL, 10);
    if (path != NULL)
        log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static void
act(void)
{
    (void)kill(getpid(), act_signal);
}

/* Before a call; returns its number. */
static long
enter(const char *name, int fd, size_t size)
{
    const long number = atomic_fetch_add(&calls, 1) + 1;
    if (log_fd >= 0) {
        char line[96];
        const int length = snprintf(line, sizeof(line), "%ld %s fd %d size %zu\n", number, name, fd, size);
        (void)syscall(SYS_write, log_fd, line, (size_t)length);
    }
    if (number == act_at && act_after < 0)
        act();
    return number;
}

static void
leave(long number)
{
    const int saved = errno;
    if (number == act_at && act_after >= 0) {
        const struct timespec pause = {.tv_sec = act_after / 1000, .tv_nsec = act_after % 1000 * 1000000};
        (void)nanosleep(&pause, NULL);
        act();
    }
    errno = saved;
}

static int
is_kind(int fd, mode_t kind)
{
    struct stat found;
    const int saved = errno;
    const int is = fd > 2 && fd != log_fd && fstat(fd, &found) == 0 && (found.st_mode & S_IFMT) == kind;
    errno = saved;
    return is;
}

static int
is_named(int fd)
{
    char link[64];
    char path[512];
    if (full_names == NULL)
        return 1;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof(path) - 1);
    path[length < 0 ? 0 : length] = 0;
    return strstr(path, full_names) != NULL;
}

static int
is_full(int fd)
{
    const int saved = errno;
    const int is = full != NULL && is_kind(fd, S_IFREG) &&
                   ((full_from > 0 && atomic_load(&calls) >= full_from) || access(full, F_OK) == 0) && is_named(fd);
    errno = is ? ENOSPC : saved;
    return is;
}

#define REAL(result, name, ...)                                                                                        \
    static result (*real)(__VA_ARGS__);                                                                                \
    if (real == NULL) {                                                                                                \
        void *const found = dlsym(RTLD_NEXT, name);                                                                    \
        memcpy(&real, &found, sizeof(found));                                                                          \
    }

/* counts: whether this call is one that we look at; writes: whether a full disk stops it */
#define WRAP(result, name, parameters, arguments, fd, size, counts, writes, ...)                                       \
    EXPORT result name parameters                                                                                      \
    {                                                                                                                  \
        REAL(result, #name, __VA_ARGS__)                                                                               \
        if ((writes) && is_full(fd))                                                                                   \
            return -1;                                                                                                 \
        if (!(counts))                                                                                                 \
            return real arguments;                                                                                     \
        const long number = enter(#name, fd, size);                                                                    \
        const result got = real arguments;                                                                             \
        leave(number);                                                                                                 \
        return got;                                                                                                    \
    }

#define OTHERS    (fd > 2 && fd != log_fd)
#define IS_SOCKET is_kind(fd, S_IFSOCK)

WRAP(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), fd, n, OTHERS, 1, int, const void *, size_t)
WRAP(ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), fd, (size_t)n, OTHERS, 1, int,
     const struct iovec *, int)
WRAP(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at), fd, n, OTHERS, 1, int, const void *,
     size_t, off_t)
WRAP(ssize_t, pwrite64, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at), fd, n, OTHERS, 1, int,
     const void *, size_t, off64_t)
WRAP(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at), fd, (size_t)n, OTHERS, 1, int,
     const struct iovec *, int, off_t)
WRAP(ssize_t, send, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags), fd, n, OTHERS, 0, int,
     const void *, size_t, int)
WRAP(ssize_t, sendto, (int fd, const void *p, size_t n, int flags, const struct sockaddr *to, socklen_t length),
     (fd, p, n, flags, to, length), fd, n, OTHERS, 0, int, const void *, size_t, int, const struct sockaddr *,
     socklen_t)
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), (fd, m, flags), fd, 0, OTHERS, 0, int,
     const struct msghdr *, int)
WRAP(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), fd, n, IS_SOCKET, 0, int, void *, size_t)
WRAP(ssize_t, recv, (int fd, void *p, size_t n, int flags), (fd, p, n, flags), fd, n, OTHERS, 0, int, void *, size_t,
     int)
WRAP(ssize_t, recvfrom, (int fd, void *p, size_t n, int flags, struct sockaddr *from, socklen_t *length),
     (fd, p, n, flags, from, length), fd, n, OTHERS, 0, int, void *, size_t, int, struct sockaddr *, socklen_t *)
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), (fd, m, flags), fd, 0, OTHERS, 0, int, struct msghdr *,
     int)
WRAP(int, fsync, (int fd), (fd), fd, 0, OTHERS, 0, int)
WRAP(int, fdatasync, (int fd), (fd), fd, 0, OTHERS, 0, int)
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), fd, (size_t)size, OTHERS, 0, int, off_t)
WRAP(int, ftruncate64, (int fd, off64_t size), (fd, size), fd, (size_t)size, OTHERS, 0, int, off64_t)
WRAP(int, fallocate, (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), fd, (size_t)size, OTHERS, 1, int,
     int, off_t, off_t)
WRAP(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size), fd, (size_t)size, OTHERS, 1,
     int, int, off64_t, off64_t)
WRAP(int, unlink, (const char *path), (path), -1, 0, 1, 0, const char *)
WRAP(int, rename, (const char *from, const char *to), (from, to), -1, 0, 1, 0, const char *, const char *)
WRAP(int, renameat2, (int at, const char *from, int there, const char *to, unsigned flags),
     (at, from, there, to, flags), -1, 0, 1, 0, int, const char *, int, const char *, unsigned)
WRAP(int, rmdir, (const char *path), (path), -1, 0, 1, 0, const char *)

/* This one returns what errno would be. */
EXPORT int
posix_fallocate(int fd, off_t at, off_t size)
{
    REAL(int, "posix_fallocate", int, off_t, off_t)
    return is_full(fd) ? ENOSPC : real(fd, at, size);
}
