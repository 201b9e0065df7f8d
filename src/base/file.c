#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

/* "cannot read db/x.sql: Permission denied" */
static gw_rc
refuse(gw_err *e, const char *verb, const char *path, int number)
{
    return gw_fail(e, GODWIT_IO, "cannot %s %s: %s", verb, path,
                   number == EEXIST ? "it already exists" : strerror(number));
}

static gw_rc
not_a_file(gw_err *e, const char *verb, const char *path, const struct stat *st)
{
    return gw_fail(e, GODWIT_IO, "cannot %s %s: it is %s", verb, path,
                   S_ISDIR(st->st_mode) ? "a folder" : "not a regular file");
}

/* ---- reading ---- */

static gw_rc
too_large(gw_err *e, const char *path, size_t cap)
{
    return gw_fail(e, GODWIT_IO, "cannot read %s: it is larger than %zu bytes", path, cap);
}

/* All of an open file. Its size is only a first guess: it may grow, and files in /proc say 0. */
static gw_rc
read_open(gw_arena *a, int fd, const char *path, size_t cap, gw_str *out, gw_err *e)
{
    struct stat st;
    (void)fstat(fd, &st); /* an open file has a status */
    if (!S_ISREG(st.st_mode))
        return not_a_file(e, "read", path, &st);
    if ((uintmax_t)st.st_size > cap)
        return too_large(e, path, cap);
    size_t room = (size_t)st.st_size + 1; /* one more than the text, for its zero and to see the end */
    size_t len = 0;
    char *text = gw_alloc(a, room);
    for (;;) {
        const ssize_t got = read(fd, text + len, room - len);
        if (got < 0)
            return refuse(e, "read", path, errno);
        if (got == 0)
            break;
        len += (size_t)got;
        if (len > cap)
            return too_large(e, path, cap);
        if (len == (size_t)st.st_size) /* more was asked for, and that was all */
            break;
        if (len == room) {
            text = gw_realloc(a, text, len, room * 2 + 4096);
            room = room * 2 + 4096;
        }
    }
    text[len] = '\0';
    *out = (gw_str){text, len};
    return GODWIT_OK;
}

gw_rc
gw_file_read(gw_arena *a, const char *path, size_t cap, gw_str *out, gw_err *e)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not hang us */
    if (fd < 0)
        return refuse(e, "read", path, errno);
    const gw_rc rc = read_open(a, fd, path, cap, out, e);
    (void)close(fd);
    return rc;
}

/* ---- writing ---- */

typedef struct replacement {
    const char *verb;      /* for messages: write, create */
    const char *path;      /* as the user says it */
    const char *target;    /* where symbolic links lead */
    const char *folder;    /* of target */
    const char *temporary; /* beside target, so that renaming stays within one file system */
    mode_t mode;           /* of the file that is replaced, with its kind; 0 when there is none */
} replacement;

static const char *
folder_of(gw_arena *a, const char *path)
{
    const char *const slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    return slash == path ? "/" : gw_strdup(a, (gw_str){path, (size_t)(slash - path)});
}

static void
remove_file(void *path)
{
    (void)unlink(path);
}

static replacement
replacement_new(gw_arena *a, const char *verb, const char *path)
{
    char *const real = realpath(path, NULL);
    replacement r = {.verb = verb, .path = path, .target = real == NULL ? path : gw_text(a, real)};
    free(real);
    const char *const slash = strrchr(r.target, '/');
    r.folder = folder_of(a, r.target);
    r.temporary =
        gw_path_join(a, r.folder,
                     gw_printf(a, ".%.100s.%ld-%lld-%zx", slash == NULL ? r.target : slash + 1, (long)getpid(),
                               (long long)gw_clock_ms(), (size_t)(uintptr_t)a)); /* nobody has our arena */
    return r;
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
    return fsync(fd);
}

/* The whole text in the temporary file, on disk. */
static gw_rc
write_temporary(gw_arena *a, const replacement *r, gw_str text, gw_err *e)
{
    const int fd = open(r->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return refuse(e, r->verb, r->path, errno);
    gw_defer(a, remove_file, (void *)(uintptr_t)r->temporary);
    if (r->mode != 0)
        (void)fchmod(fd, r->mode & 07777); /* best effort: some file systems have no modes */
    int number = write_all(fd, text) == 0 ? 0 : errno;
    if (close(fd) != 0 && number == 0) /* uncovered: needs a file server that refuses late */
        number = errno;                /* uncovered: likewise */
    return number == 0 ? GODWIT_OK : refuse(e, r->verb, r->path, number);
}

/* A rename is on disk when its folder is. Some file systems cannot sync a folder and say EINVAL. */
static gw_rc
sync_folder(const replacement *r, gw_err *e)
{
    const int fd = open(r->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) /* a folder that may be written but not read: nothing to sync it by */
        return GODWIT_OK;
    const int number = fsync(fd) == 0 ? 0 : errno; /* uncovered: needs a failing disk */
    (void)close(fd);
    if (number != 0 && number != EINVAL)            /* uncovered: needs a failing disk */
        return refuse(e, r->verb, r->path, number); /* uncovered: likewise */
    return GODWIT_OK;
}

gw_rc
gw_file_write(const char *path, gw_str text, gw_err *e)
{
    GW_SCOPE(a);
    struct stat st;
    replacement r = replacement_new(a, "write", path);
    if (stat(r.target, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return not_a_file(e, r.verb, path, &st);
        r.mode = st.st_mode;
    }
    GW_TRY(write_temporary(a, &r, text, e));
    if (rename(r.temporary, r.target) != 0)
        return refuse(e, r.verb, path, errno);
    gw_disarm(a, r.temporary);
    return sync_folder(&r, e);
}

/* Unlike rename, neither replaces what is there. The temporary name, where it stays, goes with the scope. */
static bool
rename_new(const replacement *r)
{
    if (link(r->temporary, r->target) == 0)
        return true;
    if (errno == EEXIST) /* uncovered: some file systems have no links */
        return false;
    return renameat2(AT_FDCWD, r->temporary, AT_FDCWD, r->target, RENAME_NOREPLACE) == 0; /* uncovered: likewise */
}

gw_rc
gw_file_create(const char *path, gw_str text, gw_err *e)
{
    GW_SCOPE(a);
    struct stat st;
    if (lstat(path, &st) == 0)
        return refuse(e, "create", path, EEXIST);
    const replacement r = replacement_new(a, "create", path);
    GW_TRY(write_temporary(a, &r, text, e));
    if (!rename_new(&r))
        return refuse(e, r.verb, path, errno);
    return sync_folder(&r, e);
}

/* ---- folders ---- */

static int
by_name(const void *left, const void *right)
{
    return strcmp(((const gw_dir_entry *)left)->name, ((const gw_dir_entry *)right)->name);
}

static bool
leads_to_folder(int folder, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type == DT_REG || entry->d_type == DT_DIR) /* others are links, rare, or not told */
        return entry->d_type == DT_DIR;
    return fstatat(folder, entry->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

gw_rc
gw_dir_list(gw_arena *a, const char *path, gw_dir_entries *out, gw_err *e)
{
    DIR *const folder = opendir(path);
    if (folder == NULL)
        return refuse(e, "read folder", path, errno);
    *out = (gw_dir_entries){0};
    errno = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL; errno = 0) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        *gw_vec_push(a, out) =
            (gw_dir_entry){.name = gw_text(a, entry->d_name), .is_dir = leads_to_folder(dirfd(folder), entry)};
    }
    const int number = errno;
    (void)closedir(folder);
    if (number != 0)                                   /* uncovered: needs a failing disk */
        return refuse(e, "read folder", path, number); /* uncovered: likewise */
    if (out->len > 0)
        qsort(out->at, out->len, sizeof(*out->at), by_name);
    return GODWIT_OK;
}

gw_rc
gw_dir_make(const char *path, gw_err *e)
{
    GW_SCOPE(a);
    char *const part = gw_strdup(a, gw_str_of(path));
    const size_t len = strlen(part);
    int number = ENOENT;
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        const char mark = part[i];
        part[i] = '\0';
        number = mkdir(part, 0777) == 0 ? 0 : errno;
        part[i] = mark;
    }
    if (number == 0 || gw_path_is(path) == GW_PATH_DIR)
        return GODWIT_OK;
    return refuse(e, "make folder", path, number);
}

/* ---- paths ---- */

gw_path_kind
gw_path_is(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return GW_PATH_NONE;
    return S_ISREG(st.st_mode) ? GW_PATH_FILE : S_ISDIR(st.st_mode) ? GW_PATH_DIR : GW_PATH_OTHER;
}

char *
gw_path_join(gw_arena *a, const char *dir, const char *name)
{
    const gw_str folder = gw_str_of(dir);
    if (name[0] == '/' || folder.len == 0)
        return gw_text(a, name);
    const gw_str file = gw_str_of(name);
    const size_t slash = gw_str_ends(folder, "/") ? 0 : 1;
    char *const path = gw_alloc(a, folder.len + slash + file.len + 1);
    memcpy(path, folder.ptr, folder.len);
    memcpy(path + folder.len, "/", slash);
    memcpy(path + folder.len + slash, file.ptr, file.len + 1);
    return path;
}
