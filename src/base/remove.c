#include "base/remove.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

gw_rc
gw_remove_file(const char *path, gw_err *e)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return GODWIT_OK;
    const int number = errno;
    (void)gw_fail(e, GODWIT_IO, "cannot remove %s: %s", path, strerror(number));
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(path));
    return e->rc;
}

bool
gw_remove_folder(const char *path)
{
    return rmdir(path) == 0 || errno == ENOENT;
}

gw_rc
gw_rename(const char *from, const char *to, gw_err *e)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return GODWIT_OK;
    return gw_fail(e, GODWIT_IO, "cannot rename %s to %s: %s", from, to, strerror(errno));
}
