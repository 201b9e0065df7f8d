#include "engine/sqlite/holder.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"

/* Where SQLite keeps its locks (its os_unix.c and wal.c): bytes of the database file, or of the -shm file in WAL mode. */
enum { PENDING_BYTE = 0x40000000, SHARED_END = 0x40000002 + 509, WAL_WRITE_LOCK = 120, WAL_READ_END = 127 };

typedef struct lock_line {
    bool is_write, is_flock; /* is_flock: by flock(), of the whole file */
    long pid;
    unsigned major, minor;
    uint64_t inode, start, end;
} lock_line;

/* "7: POSIX  ADVISORY  WRITE 4711 fe:00:9978167 1073741825 1073741825", or FLOCK; waiting ones have "->" and are not held. */
static bool
read_line(const char *text, lock_line *out)
{
    char kind[8], mode[8], end[24];
    *out = (lock_line){0};
    if (sscanf(text, "%*u: %7s ADVISORY %7s %ld %x:%x:%" SCNu64 " %" SCNu64 " %23s", kind, mode, &out->pid, &out->major,
               &out->minor, &out->inode, &out->start, end) != 8)
        return false;
    out->is_flock = gw_str_is(gw_str_of(kind), "FLOCK");
    if (!out->is_flock && !gw_str_is(gw_str_of(kind), "POSIX"))
        return false;
    out->is_write = gw_str_is(gw_str_of(mode), "WRITE");
    if (sscanf(end, "%" SCNu64, &out->end) != 1)
        out->end = UINT64_MAX; /* "EOF" */
    return true;
}

static bool
is_of(const lock_line *l, const struct stat *st)
{
    return l->inode == st->st_ino && makedev(l->major, l->minor) == st->st_dev;
}

static bool
touches(const lock_line *l, uint64_t from, uint64_t to)
{
    return l->start <= to && l->end >= from;
}

typedef struct search {
    struct stat file, shm; /* zeroed: not there */
    bool is_flock;
    bool writing;
    unsigned rank; /* of what was found */
    long pid;
} search;

/* A writer is more than a reader, another process more than this one. */
enum { NOBODY, READER, READER_OF_OTHERS, WRITER, WRITER_OF_OTHERS };

static unsigned
rank_of(const search *s, const lock_line *l)
{
    if (l->is_flock || s->is_flock) /* a shared one only asks: see gw_sqlite_claim() */
        return l->is_flock && s->is_flock && l->is_write && l->pid > 0 && is_of(l, &s->file) ? WRITER : NOBODY;
    const bool in_file = is_of(l, &s->file) && touches(l, PENDING_BYTE, SHARED_END);
    const bool in_shm = is_of(l, &s->shm) && touches(l, WAL_WRITE_LOCK, WAL_READ_END);
    const bool own = l->pid == getpid();
    if (l->pid <= 0 || (!in_file && !in_shm) || (own && s->writing))
        return NOBODY;
    const bool writes = l->is_write && (in_file || touches(l, WAL_WRITE_LOCK, WAL_WRITE_LOCK));
    return writes ? (own ? WRITER : WRITER_OF_OTHERS) : (own ? READER : READER_OF_OTHERS);
}

static void
look(search *s, gw_str locks)
{
    GW_SCOPE(a);
    while (locks.ptr != NULL) {
        lock_line l;
        const char *const text = gw_strdup(a, gw_str_cut(locks, '\n', &locks));
        const unsigned rank = read_line(text, &l) ? rank_of(s, &l) : 0;
        if (rank <= s->rank)
            continue;
        s->rank = rank;
        s->pid = l.pid;
    }
}

static const char *
show(gw_arena *a, long pid)
{
    gw_err e = {0};
    gw_str name = {0};
    if (pid == getpid())
        return "this process";
    if (gw_file_read(a, gw_printf(a, "/proc/%ld/comm", pid), 4096, &name, &e) != GODWIT_OK)
        return gw_printf(a, "pid %ld", pid);
    name = gw_str_trim(name);
    return gw_printf(a, "pid %ld (%.*s)", pid, GW_STR_ARG(name));
}

/* s: what is wanted, and an answer of lower rank that would not do. */
static const char *
find(gw_arena *a, const char *path, search s)
{
    gw_err e = {0};
    gw_str locks = {0};
    const unsigned least = s.rank;
    if (stat(path, &s.file) != 0 || gw_file_read(a, "/proc/locks", 16u << 20, &locks, &e) != GODWIT_OK)
        return NULL;
    if (stat(gw_printf(a, "%s-shm", path), &s.shm) != 0)
        s.shm = (struct stat){0};
    look(&s, locks);
    return s.rank == least ? NULL : show(a, s.pid);
}

const char *
gw_sqlite_holder(gw_arena *a, const char *path, bool writing)
{
    return find(a, path, (search){.writing = writing});
}

const char *
gw_sqlite_writer(gw_arena *a, const char *path)
{
    return find(a, path, (search){.rank = READER_OF_OTHERS});
}

const char *
gw_sqlite_claimer(gw_arena *a, const char *path)
{
    return find(a, path, (search){.is_flock = true});
}
