/*
 * base/file - whole files and folders.
 *
 * Reads are capped and say which file and why they failed (GODWIT_IO). Writing replaces atomically: a temporary
 * neighbour, fsync, rename, fsync of the folder; a reader sees the old file or the new one.
 */
#ifndef GW_BASE_FILE_H
#define GW_BASE_FILE_H

#include "base/err.h"
#include "base/vec.h"

/* The whole file, zero-terminated behind its end. Larger than `cap` bytes, or not a regular file, is an error. */
GW_CHECKED gw_rc gw_file_read(gw_arena *a, const char *path, size_t cap, gw_str *out, gw_err *e);
GW_CHECKED gw_rc gw_file_write(const char *path, gw_str text, gw_err *e);
/* Like write, but GODWIT_IO "already exists" when there is one. */
GW_CHECKED gw_rc gw_file_create(const char *path, gw_str text, gw_err *e);

typedef struct gw_dir_entry {
    const char *name;
    bool is_dir; /* after following a symbolic link */
} gw_dir_entry;
typedef gw_vec(gw_dir_entry) gw_dir_entries;
/* Entries of a folder but "." and "..", bytewise by name. */
GW_CHECKED gw_rc gw_dir_list(gw_arena *a, const char *path, gw_dir_entries *out, gw_err *e);
GW_CHECKED gw_rc gw_dir_make(const char *path, gw_err *e); /* with parents; existing is fine */

typedef enum gw_path_kind { GW_PATH_NONE, GW_PATH_FILE, GW_PATH_DIR, GW_PATH_OTHER } gw_path_kind;
gw_path_kind gw_path_is(const char *path);
char *gw_path_join(gw_arena *a, const char *dir, const char *name); /* an absolute name stays as it is */

#endif
