/*
 * migration/content - what is in the files of a folder: each is read once, hashed, and compared with the sum file.
 *
 * Half of a large folder is read by a thread of its own, so that the way to the files is waited for once instead of twice.
 */
#ifndef GW_MIGRATION_CONTENT_H
#define GW_MIGRATION_CONTENT_H

#include "migration/folder.h"

/* Every up file for its checksum, and where there is a sum file all that it covers, to be compared with that. The first texts, up to
 * 2 MiB, are kept, so that memory stays flat; what is kept lives in a. GODWIT_IO: a file cannot be read. GODWIT_FOLDER: the sum file
 * itself cannot be. */
GW_CHECKED gw_rc gw_content_read(gw_arena *a, gw_folder *f, gw_err *e);

#endif
