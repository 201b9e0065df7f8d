#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "child.h"

/* Each test has a folder of its own as the working directory. */
typedef struct fixture {
    gw_arena *a;
    char folder[64];
    int before; /* the working directory that was */
} fixture;

static int
enter(void **state)
{
    fixture *const f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->a = gw_arena_new();
    f->before = open(".", O_RDONLY | O_DIRECTORY);
    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/godwit-file-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    assert_int_equal(chdir(f->folder), 0);
    *state = f;
    return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static int
leave(void **state)
{
    fixture *const f = *state;
    assert_int_equal(fchdir(f->before), 0);
    (void)close(f->before);
    (void)nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    gw_arena_free(f->a);
    free(f);
    return 0;
}

static void
put(const char *path, const char *text)
{
    gw_err e = {0};
    assert_int_equal(gw_file_write(path, gw_str_of(text), &e), GODWIT_OK);
}

static const char *
content(gw_arena *a, const char *path)
{
    gw_str text = {0};
    gw_err e = {0};
    assert_int_equal(gw_file_read(a, path, 1 << 20, &text, &e), GODWIT_OK);
    return text.ptr;
}

static size_t
count_entries(gw_arena *a, const char *path)
{
    gw_dir_entries entries;
    gw_err e = {0};
    assert_int_equal(gw_dir_list(a, path, &entries, &e), GODWIT_OK);
    return entries.len;
}

/* Root may do anything; a test of permissions needs somebody else. */
static void
become_nobody(void)
{
    if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
        abort();
}

static void
become_who_we_were(void)
{
    if (seteuid(getuid()) != 0 || setegid(getgid()) != 0)
        abort();
}

static void
reads_a_whole_file(void **state)
{
    const fixture *const f = *state;
    gw_str text = {0};
    gw_err e = {0};
    assert_int_equal(gw_file_write("x.sql", GW_STR_LIT("a\0b\n"), &e), GODWIT_OK);
    assert_int_equal(gw_file_read(f->a, "x.sql", 4, &text, &e), GODWIT_OK);
    assert_int_equal(text.len, 4);
    assert_memory_equal(text.ptr, "a\0b\n", 5);
    put("empty.sql", "");
    assert_int_equal(gw_file_read(f->a, "empty.sql", 0, &text, &e), GODWIT_OK);
    assert_int_equal(text.len, 0);
    assert_string_equal(text.ptr, "");
}

static void
reads_a_file_whose_size_is_not_known_before(void **state)
{
    const fixture *const f = *state;
    gw_str text = {0};
    gw_err e = {0};
    assert_int_equal(gw_file_read(f->a, "/proc/self/maps", 1 << 20, &text, &e), GODWIT_OK);
    assert_true(text.len > 100);
    assert_int_equal(strlen(text.ptr), text.len);
    assert_int_equal(gw_file_read(f->a, "/proc/self/maps", 100, &text, &e), GODWIT_IO);
    assert_string_equal(e.message, "cannot read /proc/self/maps: it is larger than 100 bytes");
}

static void
says_which_file_cannot_be_read_and_why(void **state)
{
    const fixture *const f = *state;
    put("large", "12345");
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(mkfifo("pipe", 0666), 0);
    static const struct {
        const char *path, *message;
    } row[] = {
        {"none.sql", "cannot read none.sql: No such file or directory"},
        {"large", "cannot read large: it is larger than 4 bytes"},
        {"folder", "cannot read folder: it is a folder"},
        {"pipe", "cannot read pipe: it is not a regular file"},
        {"/dev/null", "cannot read /dev/null: it is not a regular file"},
        {"large/x", "cannot read large/x: Not a directory"},
        {"/proc/self/mem", "cannot read /proc/self/mem: Input/output error"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gw_str text = {0};
        gw_err e = {0};
        assert_int_equal(gw_file_read(f->a, row[i].path, 4, &text, &e), GODWIT_IO);
        assert_string_equal(e.message, row[i].message);
    }
}

static int
read_secret_as_nobody(const void *subject)
{
    (void)subject;
    GW_SCOPE(a);
    gw_str text = {0};
    gw_err e = {0};
    become_nobody();
    const gw_rc rc = gw_file_read(a, "secret", 100, &text, &e);
    become_who_we_were();
    return rc == GODWIT_IO && strcmp(e.message, "cannot read secret: Permission denied") == 0 ? 0 : 1;
}

static void
says_when_a_file_may_not_be_read(void **state)
{
    const fixture *const f = *state;
    put("secret", "x");
    assert_int_equal(chmod("secret", 0), 0);
    assert_int_equal(chmod(f->folder, 0755), 0);
    assert_int_equal(in_child(read_secret_as_nobody, NULL), 0);
}

static void
writes_a_new_file_as_the_umask_says(void **state)
{
    const fixture *const f = *state;
    struct stat st;
    const mode_t before = umask(027);
    put("new", "text");
    (void)umask(before);
    assert_string_equal(content(f->a, "new"), "text");
    assert_int_equal(stat("new", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(count_entries(f->a, "."), 1);
}

static void
replaces_a_file_and_keeps_its_mode(void **state)
{
    const fixture *const f = *state;
    struct stat before;
    struct stat after;
    put("file", "old, and longer than the new one");
    assert_int_equal(chmod("file", 0751), 0);
    assert_int_equal(stat("file", &before), 0);
    put("file", "new");
    assert_int_equal(stat("file", &after), 0);
    assert_string_equal(content(f->a, "file"), "new");
    assert_int_equal(after.st_mode & 07777, 0751);
    assert_true(before.st_ino != after.st_ino);
    assert_int_equal(chmod("file", 0), 0);
    put("file", "newer");
    assert_int_equal(stat("file", &after), 0);
    assert_int_equal(after.st_mode & 07777, 0);
    assert_int_equal(count_entries(f->a, "."), 1);
}

static void
writes_much_text(void **state)
{
    const fixture *const f = *state;
    gw_err e = {0};
    gw_str back = {0};
    const size_t len = 5000000;
    char *const text = gw_alloc(f->a, len);
    memset(text, 'x', len);
    assert_int_equal(gw_file_write("large", (gw_str){text, len}, &e), GODWIT_OK);
    assert_int_equal(gw_file_read(f->a, "large", len, &back, &e), GODWIT_OK);
    assert_true(gw_str_eq(back, (gw_str){text, len}));
}

static void
writes_through_a_symbolic_link(void **state)
{
    const fixture *const f = *state;
    struct stat st;
    gw_err e = {0};
    assert_int_equal(gw_dir_make("there", &e), GODWIT_OK);
    put("there/target", "old");
    assert_int_equal(symlink("there/target", "link"), 0);
    put("link", "new");
    assert_string_equal(content(f->a, "there/target"), "new");
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void
writes_where_a_path_with_folders_points(void **state)
{
    const fixture *const f = *state;
    gw_err e = {0};
    assert_int_equal(gw_dir_make("a/b", &e), GODWIT_OK);
    put("a/b/c.sql", "1");
    put("./a/../a/b/c.sql", "2");
    put(gw_path_join(f->a, f->folder, "a/d.sql"), "3");
    assert_string_equal(content(f->a, "a/b/c.sql"), "2");
    assert_string_equal(content(f->a, "a/d.sql"), "3");
    assert_int_equal(count_entries(f->a, "a"), 2);
}

static void
says_which_file_cannot_be_written_and_why(void **state)
{
    (void)state;
    static const struct {
        const char *path, *message;
    } row[] = {
        {"none/x", "cannot write none/x: No such file or directory"},
        {"folder", "cannot write folder: it is a folder"},
        {"/dev/null", "cannot write /dev/null: it is not a regular file"},
        {"/proc/none", "cannot write /proc/none: No such file or directory"},
        {"", "cannot write : No such file or directory"},
    };
    assert_int_equal(mkdir("folder", 0777), 0);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gw_err e = {0};
        assert_int_equal(gw_file_write(row[i].path, GW_STR_LIT("x"), &e), GODWIT_IO);
        assert_string_equal(e.message, row[i].message);
    }
}

static int
write_as_nobody(const void *subject)
{
    (void)subject;
    gw_err e = {0};
    become_nobody();
    const gw_rc rc = gw_file_write("file", GW_STR_LIT("new"), &e);
    become_who_we_were();
    return rc == GODWIT_IO && strcmp(e.message, "cannot write file: Permission denied") == 0 ? 0 : 1;
}

static int
write_into_a_folder_that_may_not_be_read(const void *subject)
{
    (void)subject;
    gw_err e = {0};
    if (chmod(".", 0333) != 0)
        return 1;
    become_nobody();
    const gw_rc rc = gw_file_write("other", GW_STR_LIT("x"), &e);
    become_who_we_were();
    return rc == GODWIT_OK ? 0 : 2;
}

static void
needs_the_right_to_write_into_the_folder_but_not_to_read_it(void **state)
{
    const fixture *const f = *state;
    put("file", "old");
    assert_int_equal(chmod(f->folder, 0755), 0);
    if (geteuid() == 0)
        assert_int_equal(in_child(write_as_nobody, NULL), 0);
    assert_string_equal(content(f->a, "file"), "old");
    assert_int_equal(in_child(write_into_a_folder_that_may_not_be_read, NULL), 0);
    assert_int_equal(chmod(f->folder, 0755), 0);
    assert_int_equal(count_entries(f->a, "."), 2);
}

static int
write_beyond_the_limit(const void *subject)
{
    (void)subject;
    GW_SCOPE(a);
    const struct rlimit small = {1000, RLIM_INFINITY};
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
    gw_err e = {0};
    char *const text = gw_alloc(a, 5000);
    memset(text, 'x', 5000);
    (void)signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &small) != 0)
        return 1;
    const gw_rc rc = gw_file_write("file", (gw_str){text, 5000}, &e);
    (void)setrlimit(RLIMIT_FSIZE, &none);
    return rc == GODWIT_IO && strcmp(e.message, "cannot write file: File too large") == 0 ? 0 : 2;
}

static int
write_beside_the_root(const void *subject)
{
    (void)subject;
    gw_err e = {0};
    become_nobody();
    const gw_rc rc = gw_file_write("/godwit-test", GW_STR_LIT("x"), &e);
    become_who_we_were();
    return rc == GODWIT_IO && strcmp(e.message, "cannot write /godwit-test: Permission denied") == 0 ? 0 : 1;
}

static void
knows_the_root_as_a_folder(void **state)
{
    (void)state;
    assert_int_equal(in_child(write_beside_the_root, NULL), 0);
}

static void
leaves_the_old_file_and_nothing_else_when_writing_fails(void **state)
{
    const fixture *const f = *state;
    put("file", "old");
    assert_int_equal(in_child(write_beyond_the_limit, NULL), 0);
    assert_string_equal(content(f->a, "file"), "old");
    assert_int_equal(count_entries(f->a, "."), 1);
}

static void
creates_only_what_is_not_there(void **state)
{
    const fixture *const f = *state;
    gw_err e = {0};
    gw_err again = {0};
    gw_err dangling = {0};
    gw_err nowhere = {0};
    assert_int_equal(gw_file_create("new", GW_STR_LIT("first"), &e), GODWIT_OK);
    assert_int_equal(gw_file_create("new", GW_STR_LIT("second"), &again), GODWIT_IO);
    assert_string_equal(again.message, "cannot create new: it already exists");
    assert_string_equal(content(f->a, "new"), "first");
    assert_int_equal(symlink("nowhere", "link"), 0);
    assert_int_equal(gw_file_create("link", GW_STR_LIT("x"), &dangling), GODWIT_IO);
    assert_string_equal(dangling.message, "cannot create link: it already exists");
    assert_int_equal(gw_file_create("none/x", GW_STR_LIT("x"), &nowhere), GODWIT_IO);
    assert_string_equal(nowhere.message, "cannot create none/x: No such file or directory");
    assert_int_equal(count_entries(f->a, "."), 2);
}

static int
create_in_a_race(void)
{
    gw_err e = {0};
    return gw_file_create("same", GW_STR_LIT("x"), &e) == GODWIT_OK ? 1 : strstr(e.message, "already exists") ? 0 : 2;
}

static void
one_of_many_creates_a_file(void **state)
{
    const fixture *const f = *state;
    enum { RUNNERS = 8 };
    pid_t child[RUNNERS];
    int created = 0;
    (void)fflush(NULL);
    for (int i = 0; i < RUNNERS; i++) {
        child[i] = fork();
        if (child[i] == 0)
            exit(create_in_a_race());
    }
    for (int i = 0; i < RUNNERS; i++) {
        int status = 0;
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_in_range(WEXITSTATUS(status), 0, 1);
        created += WEXITSTATUS(status);
    }
    assert_int_equal(created, 1);
    assert_int_equal(count_entries(f->a, "."), 1);
}

static void
lists_a_folder_bytewise_by_name(void **state)
{
    const fixture *const f = *state;
    static const struct {
        const char *name;
        bool is_dir;
    } row[] = {{".hidden", false}, {"10", false},    {"2", false},       {"B", true},        {"a", false},
               {"gone", false},    {"to_dir", true}, {"to_file", false}, {"\xC3\xA9", false}};
    gw_dir_entries entries;
    gw_err e = {0};
    put("a", "");
    put("2", "");
    put("10", "");
    put("\xC3\xA9", "");
    put(".hidden", "");
    assert_int_equal(mkdir("B", 0777), 0);
    assert_int_equal(symlink("B", "to_dir"), 0);
    assert_int_equal(symlink("a", "to_file"), 0);
    assert_int_equal(symlink("nowhere", "gone"), 0);
    assert_int_equal(gw_dir_list(f->a, ".", &entries, &e), GODWIT_OK);
    assert_int_equal(entries.len, sizeof(row) / sizeof(row[0]));
    for (size_t i = 0; i < entries.len; i++) {
        assert_string_equal(entries.at[i].name, row[i].name);
        assert_int_equal(entries.at[i].is_dir, row[i].is_dir);
    }
    assert_int_equal(count_entries(f->a, "B"), 0);
}

static void
says_which_folder_cannot_be_read_and_why(void **state)
{
    const fixture *const f = *state;
    gw_dir_entries entries;
    gw_err none = {0};
    gw_err file = {0};
    put("file", "");
    assert_int_equal(gw_dir_list(f->a, "none", &entries, &none), GODWIT_IO);
    assert_string_equal(none.message, "cannot read folder none: No such file or directory");
    assert_int_equal(gw_dir_list(f->a, "file", &entries, &file), GODWIT_IO);
    assert_string_equal(file.message, "cannot read folder file: Not a directory");
}

static void
makes_a_folder_with_its_parents(void **state)
{
    const fixture *const f = *state;
    const char *const row[] = {"a/b/c", "a/b/c", "a/b/c/", "a//d///e", "./g",
                               ".",     "..",    "/",      "/tmp",     gw_path_join(f->a, f->folder, "h/i")};
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gw_err e = {0};
        assert_int_equal(gw_dir_make(row[i], &e), GODWIT_OK);
        assert_int_equal(gw_path_is(row[i]), GW_PATH_DIR);
    }
    assert_int_equal(symlink("a", "link"), 0);
    gw_err e = {0};
    assert_int_equal(gw_dir_make("link/z", &e), GODWIT_OK);
    assert_int_equal(gw_path_is("a/z"), GW_PATH_DIR);
}

static void
says_which_folder_cannot_be_made_and_why(void **state)
{
    (void)state;
    static const struct {
        const char *path, *message;
    } row[] = {
        {"file", "cannot make folder file: it already exists"},
        {"file/x", "cannot make folder file/x: Not a directory"},
        {"file/x/y", "cannot make folder file/x/y: Not a directory"},
        {"/proc/x/y", "cannot make folder /proc/x/y: No such file or directory"},
        {"", "cannot make folder : No such file or directory"},
    };
    put("file", "");
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        gw_err e = {0};
        assert_int_equal(gw_dir_make(row[i].path, &e), GODWIT_IO);
        assert_string_equal(e.message, row[i].message);
    }
}

static void
knows_what_a_path_leads_to(void **state)
{
    (void)state;
    put("file", "");
    assert_int_equal(symlink("file", "link"), 0);
    assert_int_equal(symlink("nowhere", "gone"), 0);
    assert_int_equal(gw_path_is("file"), GW_PATH_FILE);
    assert_int_equal(gw_path_is("link"), GW_PATH_FILE);
    assert_int_equal(gw_path_is("."), GW_PATH_DIR);
    assert_int_equal(gw_path_is("/dev/null"), GW_PATH_OTHER);
    assert_int_equal(gw_path_is("gone"), GW_PATH_NONE);
    assert_int_equal(gw_path_is("none"), GW_PATH_NONE);
}

static void
joins_paths(void **state)
{
    const fixture *const f = *state;
    static const struct {
        const char *dir, *name, *path;
    } row[] = {
        {"db", "x.sql", "db/x.sql"},
        {"db/", "x.sql", "db/x.sql"},
        {"db", "/x.sql", "/x.sql"},
        {"/", "x", "/x"},
        {"", "x", "x"},
        {NULL, "x", "x"},
        {".", "x", "./x"},
        {"a/b", "c/d", "a/b/c/d"},
        {"100%s", "x", "100%s/x"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_string_equal(gw_path_join(f->a, row[i].dir, row[i].name), row[i].path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(reads_a_whole_file),
        TEST(reads_a_file_whose_size_is_not_known_before),
        TEST(says_which_file_cannot_be_read_and_why),
        TEST(says_when_a_file_may_not_be_read),
        TEST(writes_a_new_file_as_the_umask_says),
        TEST(replaces_a_file_and_keeps_its_mode),
        TEST(writes_much_text),
        TEST(writes_through_a_symbolic_link),
        TEST(writes_where_a_path_with_folders_points),
        TEST(says_which_file_cannot_be_written_and_why),
        TEST(needs_the_right_to_write_into_the_folder_but_not_to_read_it),
        TEST(knows_the_root_as_a_folder),
        TEST(leaves_the_old_file_and_nothing_else_when_writing_fails),
        TEST(creates_only_what_is_not_there),
        TEST(one_of_many_creates_a_file),
        TEST(lists_a_folder_bytewise_by_name),
        TEST(says_which_folder_cannot_be_read_and_why),
        TEST(makes_a_folder_with_its_parents),
        TEST(says_which_folder_cannot_be_made_and_why),
        TEST(knows_what_a_path_leads_to),
        TEST(joins_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
