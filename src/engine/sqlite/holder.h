/*
 * sqlite/holder - who has a file locked, as the kernel knows it.
 *
 * Read from /proc/locks, since asking by fcntl() needs a descriptor of the file, and closing that would drop every lock that this
 * process has on it. Only a process's name is told, never its command line: that may hold a secret.
 */
#ifndef GW_SQLITE_HOLDER_H
#define GW_SQLITE_HOLDER_H

#include "base/arena.h"

/* "pid 4711 (sqlite3)", or "this process"; NULL: nobody, or nobody can tell. A writer before a reader. `writing`: the one who asks
 * has the file locked for writing, so that only others can be in its way. */
const char *gw_sqlite_holder(gw_arena *a, const char *path, bool writing);
/* The same, but only who writes: readers keep no runner out. */
const char *gw_sqlite_writer(gw_arena *a, const char *path);
/* Who has locked a whole file by flock(). */
const char *gw_sqlite_claimer(gw_arena *a, const char *path);

#endif
