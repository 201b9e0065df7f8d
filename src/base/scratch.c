#include "base/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

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

static int
write_all(int fd, gw_str text)
{
    while (text.len > 0) {
        const ssize_t put = write(fd, text.ptr, text.len);
        if (put < 0)
            return -1;
        text = gw_str_slice(text, (size_t)put, text.len);
    }
    return 0;
}

gw_rc
gw_scratch_put(const char *path, gw_str text, gw_err *e)
{
    GW_SCOPE(a);
    const gw_str place = place_of(path);
    if (place.len > 1)
        GW_TRY(gw_dir_make(gw_strdup(a, gw_str_slice(place, 0, place.len - 1)), e));
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return gw_fail(e, GODWIT_IO, "cannot create %s: %s", path, strerror(errno));
    int number = write_all(fd, text) == 0 ? 0 : errno;
    if (close(fd) != 0 && number == 0) /* uncovered: needs a file server that refuses late */
        number = errno;                /* uncovered: likewise */
    return number == 0 ? GODWIT_OK : gw_fail(e, GODWIT_IO, "cannot write %s: %s", path, strerror(number));
}

/* A folder, or the whole of its file system: once for all that was put there, instead of once for each. */
static int
sync_by(int (*how)(int fd), const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const int number = how(fd) == 0 || errno == EINVAL ? 0 : errno; /* uncovered: needs a failing disk */
    (void)close(fd);
    return number;
}

gw_rc
gw_scratch_keep(const char *made, const char *path, gw_err *e)
{
    GW_SCOPE(a);
    const gw_str place = place_of(path);
    int number = sync_by(syncfs, made);
    if (number == 0 && rename(made, path) != 0)
        number = errno;
    if (number != 0)
        return gw_fail(e, GODWIT_IO, "cannot make the folder %s: %s", path, strerror(number));
    (void)sync_by(fsync, place.len == 0 ? "." : gw_strdup(a, place)); /* it has its name, whatever becomes of that */
    return GODWIT_OK;
}
