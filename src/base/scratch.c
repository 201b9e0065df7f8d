#include "base/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

gw_rc
gw_scratch_make(gw_arena *a, const char **path, gw_err *e)
{
    const char *const said = getenv("TMPDIR");
    char *const made = gw_printf(a, "%s/godwit-XXXXXX", said == NULL || *said == '\0' ? "/tmp" : said);
    if (mkdtemp(made) == NULL)
        return gw_fail(e, GODWIT_IO, "cannot make the folder %s: %s", made, strerror(errno));
    gw_defer(a, remove_all, made);
    *path = made;
    return GODWIT_OK;
}
