/*
 * base/remove - files that go away, or elsewhere, and the folders that become empty by it.
 */
#ifndef GW_BASE_REMOVE_H
#define GW_BASE_REMOVE_H

#include "base/err.h"

/* One that is gone already is fine. GODWIT_IO. */
GW_CHECKED gw_rc gw_remove_file(const char *path, gw_err *e);
/* False: something is in it still, or it cannot be removed. */
bool gw_remove_folder(const char *path);
/* A file or a folder. GODWIT_IO: also where something of the new name is there. */
GW_CHECKED gw_rc gw_rename(const char *from, const char *to, gw_err *e);

#endif
