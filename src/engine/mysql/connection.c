#include "engine/mysql/connection.h"

#include <errno.h>
#include <mysqld_error.h>
#include <sys/socket.h>

#include "engine/mysql/dial.h"
#include "engine/mysql/engine.h"
#include "engine/mysql/error.h"
#include "engine/mysql/facts.h"

#include "base/ban.h"

gw_mysql_conn *
gw_mysql_of(gw_conn *c)
{
    return (gw_mysql_conn *)c;
}

/* ---- a statement ---- */

/* Whether the result was read to its end; the rows behind the last one that fn wanted are read and dropped. */
static bool
read_rows(MYSQL *my, MYSQL_RES *rows, gw_row_fn *fn, void *ctx)
{
    const size_t columns = mysql_num_fields(rows);
    bool wanted = fn != NULL;
    for (MYSQL_ROW row; (row = mysql_fetch_row(rows)) != NULL;)
        if (wanted)
            wanted = fn(ctx, columns, (const char *const *)row);
    return mysql_errno(my) == 0;
}

/* *has_rows: some result was a set of rows. False: mysql_errno() says why. */
static bool
run(gw_mysql_conn *c, gw_str sql, gw_row_fn *fn, void *ctx, bool *has_rows)
{
    MYSQL *const my = c->my;
    c->head.affected = c->head.inserted = 0;
    if (mysql_real_query(my, sql.ptr, sql.len) != 0)
        return false;
    for (;;) {
        MYSQL_RES *const rows = mysql_use_result(my);
        if (rows != NULL) {
            *has_rows = true;
            const bool whole = read_rows(my, rows, fn, ctx);
            mysql_free_result(rows);
            if (!whole)
                return false;
        } else if (mysql_errno(my) != 0) {
            return false;
        } else {
            c->head.affected = (int64_t)mysql_affected_rows(my);
            c->head.inserted = (int64_t)mysql_insert_id(my);
        }
        const int next = mysql_next_result(my);
        if (next != 0)
            return next < 0;
    }
}

static gw_rc
refuse(const gw_mysql_conn *c, gw_str sql, gw_err *e)
{
    if (c->lost) {
        (void)gw_fail(e, GODWIT_CONNECT, "the connection to the server was lost");
        e->transient = true;
        return e->rc;
    }
    (void)gw_fail(e, GODWIT_FAILED,
                  "the statement has %zu bytes, and the server takes at most %lu (max_allowed_packet)", sql.len,
                  c->max_packet - 1);
    gw_err_copy(e->code, sizeof(e->code), GW_STR_LIT("1153"));
    return gw_err_hint(e, "raise max_allowed_packet of the server, or split the statement");
}

gw_rc
gw_mysql_send(gw_mysql_conn *c, gw_str sql, gw_row_fn *fn, void *ctx, gw_err *e)
{
    if (c->lost || (c->max_packet > 0 && sql.len >= c->max_packet))
        return refuse(c, sql, e);
    bool has_rows = false;
    gw_mysql_cancel_enter(&c->cancel);
    const bool done = run(c, sql, fn, ctx, &has_rows);
    const bool cancelled = gw_mysql_cancel_leave(&c->cancel);
    if (!done && mysql_errno(c->my) != ER_EMPTY_QUERY) {
        const gw_rc rc = gw_mysql_error_statement(c->my, &(gw_mysql_failure){.sql = sql, .cancelled = cancelled}, e);
        c->lost = gw_mysql_error_is_loss(mysql_errno(c->my));
        return rc;
    }
    /* SELECT SLEEP(9), cancelled, says 1 and no error. What changed something did change it, and says so. */
    if (cancelled && has_rows)
        return gw_fail(e, GODWIT_INTERRUPTED, "the statement was cancelled");
    return GODWIT_OK;
}

bool
gw_mysql_is_alive(gw_conn *head)
{
    gw_mysql_conn *const c = gw_mysql_of(head);
    char byte;
    if (c->lost)
        return false;
    ssize_t n;
    do
        n = recv(c->cancel.socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        c->lost = errno != EAGAIN && errno != EWOULDBLOCK;
    else /* the end; or a last word of the server, which only asking tells from TLS chatter */
        c->lost = n == 0 || mysql_ping(c->my) != 0;
    return !c->lost;
}

/* ---- open ---- */

static void
close_connection(void *subject)
{
    gw_mysql_conn *const c = subject;
    gw_mysql_cancel_close(&c->cancel);
    mysql_close(c->my);
}

static gw_rc
set_up(gw_arena *a, gw_mysql_conn *c, const gw_open_params *p, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_buf text = gw_buf_new(scratch);
    gw_buf_puts(&text, "SET ");
    const size_t nothing = text.len;
    gw_mysql_session_opening(&c->session, p, &text);
    if (text.len > nothing)
        GW_TRY(gw_mysql_send(c, gw_buf_str(&text), NULL, NULL, e));
    if (p->read_only)
        GW_TRY(gw_mysql_send(c, GW_STR_LIT("SET SESSION TRANSACTION READ ONLY"), NULL, NULL, e));
    return gw_mysql_facts_ask(a, c, e);
}

gw_rc
gw_mysql_open(gw_arena *a, const gw_open_params *p, gw_conn **out, gw_err *e)
{
    GW_TRY(gw_mysql_library_load(e));
    gw_mysql_conn *const c = gw_new(a, gw_mysql_conn);
    c->head.engine = &gw_mysql;
    c->notice = p->notice;
    c->notice_ctx = p->notice_ctx;
    GW_TRY(gw_mysql_target_read(a, p, &c->target, e));
    GW_TRY(gw_mysql_dial(&c->target, 0, &c->my, e));
    gw_mysql_cancel_open(&c->cancel, &c->target, c->my);
    gw_defer(a, close_connection, c);
    c->session.flavour.mariadb = mariadb_connection(c->my) != 0;
    c->session.flavour.version = mysql_get_server_version(c->my);
    if (set_up(a, c, p, e) != GODWIT_OK)
        return gw_err_note(e, "while connecting to %s", c->target.shown);
    *out = &c->head;
    return GODWIT_OK;
}

bool
gw_mysql_is_missing_database(const gw_err *e)
{
    return e->rc == GODWIT_CONNECT && strcmp(e->code, "1049") == 0;
}
