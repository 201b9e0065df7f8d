#include "sqlite_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_child;

void
ok(gw_rc rc, const gw_err *e)
{
    if (rc != GODWIT_OK && is_child)
        _exit(1);
    if (rc != GODWIT_OK)
        fail_msg("%d: %s [%s] (%s)", (int)rc, e->message, e->code, e->notes);
}

const char *
in_dir(fixture *fx, const char *name)
{
    return gw_path_join(fx->arena, fx->dir, name);
}

int
begin_sqlite_test(void **state)
{
    gw_arena *const a = gw_arena_new();
    fixture *const fx = gw_new(a, fixture);
    *state = fx;
    fx->arena = a;
    gw_err_copy(fx->dir, sizeof(fx->dir), gw_str_of("/tmp/godwit_sqlite_XXXXXX"));
    if (mkdtemp(fx->dir) == NULL)
        return -1;
    fx->url = (gw_url){.scheme = "sqlite", .database = in_dir(fx, "app.db")};
    return gw_sqlite.database_create(NULL, &fx->url, &fx->e) == GODWIT_OK ? 0 : -1;
}

int
end_sqlite_test(void **state)
{
    fixture *const fx = *state;
    GW_SCOPE(a);
    const char *const dir = gw_text(a, fx->dir);
    gw_arena_free(fx->arena);
    gw_err e = {0};
    gw_dir_entries entries = {0};
    if (gw_dir_list(a, dir, &entries, &e) != GODWIT_OK)
        return -1;
    for (size_t i = 0; i < entries.len; i++)
        unlink(gw_path_join(a, dir, entries.at[i].name));
    return rmdir(dir);
}

static void
hear(void *ctx, const char *text)
{
    fixture *const fx = ctx;
    gw_err_copy(fx->notice, sizeof(fx->notice), gw_str_of(text));
}

gw_open_params
params_of(fixture *fx)
{
    return (gw_open_params){.url = &fx->url,
                            .connect_timeout_ms = 200,
                            .lock_timeout_ms = 200,
                            .lock_wait_ms = 200,
                            .notice = hear,
                            .notice_ctx = fx};
}

gw_rc
try_open(fixture *fx, const gw_open_params *p, gw_err *e)
{
    gw_conn *c = NULL;
    return gw_sqlite.open(fx->arena, p, &c, e);
}

gw_conn *
open_on(gw_arena *a, const gw_open_params *p)
{
    gw_err e = {0};
    gw_conn *c = NULL;
    ok(gw_sqlite.open(a, p, &c, &e), &e);
    return c;
}

gw_conn *
open_db(fixture *fx)
{
    const gw_open_params p = params_of(fx);
    return open_on(fx->arena, &p);
}

gw_rc
try_exec(gw_conn *c, const char *sql, gw_err *e)
{
    return gw_sqlite.exec(c, gw_str_of(sql), e);
}

void
exec(gw_conn *c, const char *sql)
{
    gw_err e = {0};
    ok(try_exec(c, sql, &e), &e);
}

bool
keep_value(void *ctx, size_t columns, const char *const *values)
{
    assert_int_equal(columns, 1);
    gw_err_copy(ctx, 64, gw_str_of(values[0]));
    return true;
}

void
assert_value(gw_conn *c, const char *sql, const char *expected)
{
    gw_err e = {0};
    char value[64] = "";
    ok(gw_sqlite.query(c, sql, NULL, 0, keep_value, value, &e), &e);
    assert_string_equal(value, expected);
}

void
write_file(const char *path, const char *text)
{
    gw_err e = {0};
    ok(gw_file_write(path, gw_str_of(text), &e), &e);
}

/* Its names, blank-separated. */
const char *
files_of(fixture *fx)
{
    gw_err e = {0};
    gw_dir_entries entries = {0};
    gw_buf out = gw_buf_new(fx->arena);
    ok(gw_dir_list(fx->arena, fx->dir, &entries, &e), &e);
    for (size_t i = 0; i < entries.len; i++)
        gw_buf_printf(&out, "%s%s", i == 0 ? "" : " ", entries.at[i].name);
    return gw_buf_text(&out);
}

pid_t
start_child(void)
{
    const pid_t pid = fork();
    is_child = pid == 0;
    return pid;
}

void
end_child(void)
{
    raise(SIGKILL);
    _exit(1);
}

void
wait_for_end(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

process
start_process(fixture *fx, void (*work)(gw_conn *c, const void *ctx), const void *ctx)
{
    int down[2], up[2];
    char byte = 0;
    assert_int_equal(pipe(down), 0);
    assert_int_equal(pipe(up), 0);
    const pid_t pid = start_child();
    if (pid == 0) {
        work(open_db(fx), ctx);
        close(down[1]);
        if (write(up[1], "!", 1) != 1 || read(down[0], &byte, 1) < 0)
            _exit(1);
        end_child();
    }
    close(down[0]);
    close(up[1]);
    assert_int_equal(read(up[0], &byte, 1), 1);
    return (process){.pid = pid, .tell = down[1], .hear = up[0]};
}

void
stop_process(const process *p)
{
    close(p->tell);
    close(p->hear);
    wait_for_end(p->pid);
}

static void
execute(gw_conn *c, const void *ctx)
{
    for (const char *const *sql = ctx; *sql != NULL; sql++)
        exec(c, *sql);
}

process
start_statements(fixture *fx, const char *const *statements)
{
    return start_process(fx, execute, statements);
}
