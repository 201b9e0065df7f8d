#include "server_fixture.h"

void
ok(gw_rc rc, const gw_err *e)
{
    if (rc != GODWIT_OK)
        fail_msg("%d: %s [%s] (%s) (%s)", (int)rc, e->message, e->code, e->notes, e->hint);
}

static void
hear(void *ctx, const char *text)
{
    gw_buf_printf(ctx, "%s\n", text);
}

gw_rc
open_url(fixture *fx, const char *text, gw_conn **out, gw_err *e)
{
    gw_url url;
    GW_TRY(gw_url_parse(fx->arena, gw_str_of(text), &url, e));
    return tested->open(fx->arena, &(gw_open_params){.url = &url, .connect_timeout_ms = 2000}, out, e);
}

gw_conn *
open_on(fixture *fx, gw_open_params p)
{
    gw_err e = {0};
    gw_conn *c = NULL;
    p.url = p.url == NULL ? &fx->url : p.url;
    ok(tested->open(fx->arena, &p, &c, &e), &e);
    return c;
}

int
begin_server_test(void **state)
{
    gw_arena *const a = gw_arena_new();
    fixture *const fx = gw_new(a, fixture);
    gw_err e = {0};
    const char *const url = getenv("GODWIT_TEST_URL");
    *state = fx;
    fx->arena = a;
    fx->notices = gw_buf_new(a);
    const gw_open_params p = {.url = &fx->url, .lock_timeout_ms = 3000, .notice = hear, .notice_ctx = &fx->notices};
    if (gw_url_parse(a, gw_str_of(url), &fx->url, &e) == GODWIT_OK && tested->open(a, &p, &fx->conn, &e) == GODWIT_OK)
        return 0;
    print_error("GODWIT_TEST_URL: %s\n", e.message);
    return -1;
}

int
end_server_test(void **state)
{
    fixture *const fx = *state;
    gw_arena_free(fx->arena);
    return 0;
}

gw_rc
try_exec(gw_conn *c, const char *sql, gw_err *e)
{
    return tested->exec(c, gw_str_of(sql), e);
}

void
exec(gw_conn *c, const char *sql)
{
    gw_err e = {0};
    ok(try_exec(c, sql, &e), &e);
}

void
reset(gw_conn *c)
{
    gw_err e = {0};
    ok(tested->reset(c, &e), &e);
}

static bool
add_row(void *ctx, size_t columns, const char *const *values)
{
    gw_buf *const out = ctx;
    if (out->len > 0)
        gw_buf_putc(out, '\n');
    for (size_t i = 0; i < columns; i++)
        gw_buf_printf(out, "%s%s", i == 0 ? "" : "|", values[i] == NULL ? "NULL" : values[i]);
    return true;
}

const char *
ask(fixture *fx, gw_conn *c, const char *sql, const char *param)
{
    gw_err e = {0};
    gw_buf out = gw_buf_new(fx->arena);
    ok(tested->query(c, sql, (gw_param[]){{param}}, param == NULL ? 0 : 1, add_row, &out, &e), &e);
    return gw_buf_text(&out);
}
