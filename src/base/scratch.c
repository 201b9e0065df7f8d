#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st, (void)kind, (void)place;
    (void)remove(path);
    return 0;
}

/* What is in a folder before the folder; links are not followed. */
static void
remove_all(void *path)
{
    enum { OPEN_AT_ONCE = 16 };
    (void)nftw(path, remove_one, OPEN_AT_ONCE, FTW_DEPTH | FTW_PHYS);
}

static gw_rc
make(gw_arena *a, char *made, const char **path, gw_err *e)
{
    if (mkdtemp(made) == NULL)
        return gw_fail(e, GODWIT_IO, "cannot make the folder %s: %s", made, strerror(errno));
    gw_defer(a, remove_all, made);
    *path = made;
    return GODWIT_OK;
}

gw_rc
gw_scratch_make(gw_arena *a, const char **path, gw_err *e)
{
    const char *const said = getenv("TMPDIR");
    return make(a, gw_printf(a, "%s/godwit-XXXXXX", said == NULL || *said == '\0' ? "/tmp" : said), path, e);
}

/* Where a folder is: "db/" of "db/new/"; "" where that is the current one. */
static gw_str
place_of(const char *path)
{
    gw_str whole = gw_str_of(path);
    while (whole.len > 0 && whole.ptr[whole.len - 1] != '/')
        whole.len--;
    return whole;
}

gw_rc
gw_scratch_make_beside(gw_arena *a, const char *path, const char **out, gw_err *e)
{
    return make(a, gw_printf(a, "%.*s.godwit-XXXXXX", GW_STR_ARG(place_of(path))), out, e);
}

/* Best effort: some file systems cannot sync a folder. */
static void
sync_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

gw_rc
gw_scratch_keep(const char *made, const char *path, gw_err *e)
{
    GW_SCOPE(a);
    const gw_str place = place_of(path);
    sync_folder(made);
    if (rename(made, path) != 0)
        return gw_fail(e, GODWIT_IO, "cannot make the folder %s: %s", path, strerror(errno));
    sync_folder(place.len == 0 ? "." : gw_strdup(a, place));
    return GODWIT_OK;
}
