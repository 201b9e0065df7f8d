#include "engine/mysql/connection.h"

#include <errno.h>
#include <mysqld_error.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "engine/mysql/error.h"
#include "engine/mysql/stall.h"
#include "engine/mysql/traits.h"

#include "base/ban.h"

static const gw_str separator = {";\n", 2};

gw_mysql_conn *
gw_mysql_of(gw_conn *c)
{
    return (gw_mysql_conn *)c;
}

/* ---- results ---- */

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

/* Did the newest answer say that something in the session changed? */
static bool
says_changed(MYSQL *my)
{
    static const enum enum_session_state_type plain[] = {SESSION_TRACK_SCHEMA, SESSION_TRACK_STATE_CHANGE};
    const char *text = NULL;
    size_t len = 0;
    if ((my->server_status & SERVER_SESSION_STATE_CHANGED) == 0)
        return false;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        if (mysql_session_track_get_first(my, plain[i], &text, &len) == 0)
            return true;
    /* Names and values by turns. MySQL counts statements in a variable, and tells that each time. */
    int end = mysql_session_track_get_first(my, SESSION_TRACK_SYSTEM_VARIABLES, &text, &len);
    for (; end == 0; end = mysql_session_track_get_next(my, SESSION_TRACK_SYSTEM_VARIABLES, &text, &len)) {
        if (!gw_str_is((gw_str){text, len}, "statement_id"))
            return true;
        (void)mysql_session_track_get_next(my, SESSION_TRACK_SYSTEM_VARIABLES, &text, &len);
    }
    return false;
}

static bool
read_result(gw_mysql_conn *c, gw_mysql_part *part)
{
    MYSQL *const my = c->my;
    MYSQL_RES *const rows = mysql_use_result(my);
    if (rows != NULL) {
        part->has_rows = true;
        const bool whole = read_rows(my, rows, part->fn, part->ctx);
        mysql_free_result(rows);
        if (!whole)
            return false;
    } else if (mysql_errno(my) != 0) {
        return false;
    } else {
        part->affected = (int64_t)mysql_affected_rows(my);
        part->inserted = (int64_t)mysql_insert_id(my);
    }
    /* Behind rows there is no room for what changed. */
    if (part->is_users && (rows != NULL || says_changed(my)))
        c->session.changed = true;
    part->warnings = mysql_warning_count(my);
    return true;
}

/* *done: results that were read. The last part may have several. False: mysql_errno() says why, or the server ended early. */
static bool
run(gw_mysql_conn *c, gw_str text, gw_mysql_part *parts, size_t count, size_t *done)
{
    if (mysql_real_query(c->my, text.ptr, text.len) != 0)
        return false;
    for (;;) {
        gw_mysql_part *const part = &parts[*done < count ? *done : count - 1];
        if (!read_result(c, part))
            return false;
        part->ended_ms = gw_clock_ms();
        const bool is_last = *done + 1 >= count;
        *done += !is_last;
        if (!is_last && gw_mysql_cancel_until(&c->cancel) != 0 && gw_mysql_stall_wait(c->my, &c->target, &c->cancel))
            return false;
        const int next = mysql_next_result(c->my);
        if (next > 0)
            return false;
        if (next < 0) {
            *done += is_last;
            return is_last;
        }
    }
}

/* ---- what the server says about a statement among others ---- */

/* A syntax error quotes the text from where reading stopped, and that goes on with the statements behind. *cut is told what the server
 * would say if there were none: the quotation ends where the statement does. */
static void
cut_message(char *message, gw_str statement, gw_str rest)
{
    static const char opening[] = "near '", closing[] = "' at line ", dots[] = "...";
    char *const begin = strstr(message, opening);
    char *near = begin == NULL ? NULL : begin + strlen(opening);
    char *end = NULL;
    for (char *at = near; at != NULL && (at = strstr(at, closing)) != NULL; at++)
        end = at;
    if (end == NULL)
        return;
    const bool is_cut = end - near >= 3 && memcmp(end - 3, dots, 3) == 0;
    const size_t len = (size_t)(end - near);
    for (size_t kept = 0; kept < len && kept <= statement.len; kept++) {
        const size_t beyond = len - kept;
        const size_t shown = is_cut && beyond > 3 ? beyond - 3 : beyond;
        if (shown <= rest.len && memcmp(near + kept, rest.ptr, shown) == 0 &&
            memcmp(near, statement.ptr + statement.len - kept, kept) == 0) {
            memmove(near + kept, end, strlen(end) + 1);
            return;
        }
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

static gw_rc
explain(gw_mysql_conn *c, const gw_mysql_part *part, bool cancelled, gw_err *e)
{
    if (mysql_errno(c->my) != 0) {
        const gw_rc rc = gw_mysql_error_statement(
            c->my, &(gw_mysql_failure){.sql = part->sql, .cancelled = cancelled, .heard = c->cancel.delivered}, e);
        c->lost = gw_mysql_error_is_loss(mysql_errno(c->my));
        return rc;
    }
    if (cancelled) /* heard between two statements */
        return gw_fail(e, GODWIT_INTERRUPTED, "the statement was cancelled");
    return gw_fail(e, GODWIT_FAILED, "the server left the rest of a packet undone, without a word");
}

/* ---- sending ---- */

/* One packet; parts[0] begins at text.ptr. */
static gw_rc
send_packet(gw_mysql_conn *c, gw_str text, gw_mysql_part *parts, size_t count, size_t *done, gw_err *e)
{
    *done = 0;
    c->was_cancelled = false;
    if (c->lost || (c->max_packet > 0 && text.len >= c->max_packet))
        return refuse(c, text, e);
    gw_mysql_cancel_enter(&c->cancel);
    bool ok = run(c, text, parts, count, done);
    c->was_cancelled = gw_mysql_cancel_leave(&c->cancel);
    if (!ok && *done + 1 == count && mysql_errno(c->my) == ER_EMPTY_QUERY) { /* a comment is a statement too */
        ok = true;
        *done = count;
    }
    const gw_mysql_part *const last = &parts[ok ? count - 1 : *done];
    if (!ok) {
        c->session.changed = c->session.changed || last->is_users;
        if (mysql_errno(c->my) == ER_PARSE_ERROR && count > 1) {
            size_t end = 0;
            for (size_t i = 0; i <= *done; i++)
                end += parts[i].sql.len + (i > 0 ? separator.len : 0);
            cut_message(c->my->net.last_error, last->sql, gw_str_slice(text, end, text.len));
        }
        return explain(c, last, c->was_cancelled, e);
    }
    /* SELECT SLEEP(9), cancelled, says 1 and no error. What changed something did change it, and says so. */
    if (c->was_cancelled && last->has_rows && (count == 1 || last->is_users)) {
        *done = count - 1;
        return gw_fail(e, GODWIT_INTERRUPTED, "the statement was cancelled");
    }
    return GODWIT_OK;
}

/* One statement a packet, or several: what the server is told. */
static bool
set_several(gw_mysql_conn *c, bool on)
{
    gw_mysql_cancel_enter(&c->cancel);
    const bool set =
        mysql_set_server_option(c->my, on ? MYSQL_OPTION_MULTI_STATEMENTS_ON : MYSQL_OPTION_MULTI_STATEMENTS_OFF) == 0;
    (void)gw_mysql_cancel_leave(&c->cancel);
    if (set)
        c->takes_several = on;
    return set;
}

static bool
may_send_several(gw_mysql_conn *c)
{
    if (c->lost || c->refuses_several)
        return false;
    if (!c->takes_several && !set_several(c, true)) {
        c->refuses_several = true;
        c->lost = gw_mysql_error_is_loss(mysql_errno(c->my));
    }
    return c->takes_several;
}

/* How many of the parts fit into one packet; at least one. */
static size_t
join(const gw_mysql_conn *c, const gw_mysql_part *parts, size_t count, gw_buf *text)
{
    size_t n = 0;
    for (size_t len = 0; n < count; n++) {
        len += (n > 0 ? separator.len : 0) + parts[n].sql.len;
        if (n > 0 && c->max_packet > 0 && len >= c->max_packet)
            break;
        gw_buf_add(text, n > 0 ? separator : (gw_str){"", 0});
        gw_buf_add(text, parts[n].sql);
    }
    return n;
}

gw_rc
gw_mysql_send_parts(gw_mysql_conn *c, gw_mysql_part *parts, size_t count, size_t *done, gw_err *e)
{
    *done = 0;
    while (*done < count) {
        GW_SCOPE(scratch);
        size_t sent = 1, carried_out = 0;
        gw_buf text = gw_buf_new(scratch);
        if (count - *done > 1 && may_send_several(c))
            sent = join(c, parts + *done, count - *done, &text);
        const gw_str packet = sent > 1 ? gw_buf_str(&text) : parts[*done].sql;
        const gw_rc rc = send_packet(c, packet, parts + *done, sent, &carried_out, e);
        *done += carried_out;
        GW_TRY(rc);
    }
    return GODWIT_OK;
}

gw_rc
gw_mysql_send(gw_mysql_conn *c, gw_str sql, gw_row_fn *fn, void *ctx, gw_err *e)
{
    size_t done;
    gw_mysql_part part = {.sql = sql, .fn = fn, .ctx = ctx};
    c->head.affected = c->head.inserted = 0;
    GW_TRY(gw_mysql_send_parts(c, &part, 1, &done, e));
    c->head.affected = part.affected;
    c->head.inserted = part.inserted;
    return GODWIT_OK;
}

gw_rc
gw_mysql_send_users(gw_mysql_conn *c, gw_str sql, unsigned traits, gw_mysql_part *part, gw_err *e)
{
    size_t done;
    *part = (gw_mysql_part){.sql = sql, .is_users = true};
    c->head.affected = c->head.inserted = 0;
    const bool may_be_two = (traits & GW_MYSQL_ONE) == 0 && memchr(sql.ptr, ';', sql.len) != NULL;
    if (!c->lost && c->takes_several && may_be_two && !set_several(c, false))
        return explain(c, part, false, e);
    const gw_rc rc = gw_mysql_send_parts(c, part, 1, &done, e);
    c->head.affected = part->affected;
    c->head.inserted = part->inserted;
    part->sql = (gw_str){"", 0};
    return rc;
}

unsigned
gw_mysql_traits_now(const gw_mysql_conn *c, gw_str sql)
{
    return gw_mysql_traits(sql, &(gw_mysql_reading){
                                    .mariadb = c->session.flavour.mariadb,
                                    .no_backslash = (c->my->server_status & SERVER_STATUS_NO_BACKSLASH_ESCAPES) != 0,
                                    .unsure = c->session.reread,
                                });
}

static bool
answers(gw_mysql_conn *c)
{
    gw_mysql_cancel_enter(&c->cancel);
    const bool yes = mysql_ping(c->my) == 0;
    (void)gw_mysql_cancel_leave(&c->cancel);
    return yes;
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
        c->lost = n == 0 || !answers(c);
    return !c->lost;
}
