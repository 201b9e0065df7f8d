#include "engine/mysql/reset.h"

#include <assert.h>

#include "engine/mysql/connection.h"
#include "engine/mysql/literal.h"
#include "engine/mysql/patience.h"
#include "engine/mysql/transaction.h"

#include "base/ban.h"

typedef struct comparison {
    gw_mysql_conn *c;
    gw_buf set; /* ", SESSION name = value …" */
    bool database, role, seen;
} comparison;

static bool
is_number(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789.") == strlen(text);
}

static void
put_value(gw_buf *out, MYSQL *my, const char *value)
{
    if (value != NULL && is_number(value))
        gw_buf_puts(out, value);
    else
        gw_mysql_literal_add(out, my, value);
}

static bool
compare(void *ctx, size_t columns, const char *const *values)
{
    comparison *const r = ctx;
    const gw_mysql_session *const s = &r->c->session;
    (void)columns;
    assert(columns == s->began.len + 1);
    const char *const *const now = values + 1;
    r->seen = true;
    r->database = gw_mysql_session_differs(s, GW_MYSQL_DATABASE, now[GW_MYSQL_DATABASE]);
    r->role = gw_mysql_session_differs(s, GW_MYSQL_ROLE, now[GW_MYSQL_ROLE]);
    if (gw_mysql_session_differs(s, GW_MYSQL_CLOCK, now[GW_MYSQL_CLOCK]))
        gw_buf_puts(&r->set, ", SESSION timestamp = DEFAULT");
    size_t at = 0, column = GW_MYSQL_AHEAD;
    for (const char *name; (name = gw_mysql_variable_next(&s->flavour, &at)) != NULL; column++)
        if (gw_mysql_session_differs(s, column, now[column])) {
            gw_buf_printf(&r->set, ", SESSION %s = ", name);
            put_value(&r->set, r->c->my, s->began.at[column]);
        }
    return true;
}

static void
put_role(gw_buf *out, const gw_mysql_session *s)
{
    const char *const role = s->began.at[GW_MYSQL_ROLE];
    gw_buf_puts(out, "SET ROLE ");
    if (role == NULL || strcmp(role, "NONE") == 0)
        gw_buf_puts(out, "NONE");
    else if (s->flavour.mariadb)
        gw_mysql_literal_name(out, role);
    else
        gw_buf_puts(out, role); /* MySQL gives them quoted, and several */
}

static gw_rc
send_text(gw_mysql_conn *c, gw_buf *text, gw_err *e)
{
    return gw_mysql_send(c, gw_buf_str(text), NULL, NULL, e);
}

static gw_rc
go_back(gw_arena *a, comparison *r, gw_err *e)
{
    gw_mysql_conn *const c = r->c;
    gw_buf text = gw_buf_new(a);
    if (r->set.len > 0) {
        gw_buf_puts(&text, "SET");
        gw_buf_add(&text, gw_str_slice(gw_buf_str(&r->set), 1, r->set.len));
        GW_TRY(send_text(c, &text, e));
    }
    if (r->role) {
        text = gw_buf_new(a);
        put_role(&text, &c->session);
        GW_TRY(send_text(c, &text, e));
    }
    if (r->database) {
        text = gw_buf_new(a);
        gw_buf_puts(&text, "USE ");
        gw_mysql_literal_name(&text, c->session.began.at[GW_MYSQL_DATABASE]);
        GW_TRY(send_text(c, &text, e));
    }
    return GODWIT_OK;
}

/* A transaction, table locks: what lasts without being a setting. */
static gw_rc
let_go(gw_mysql_conn *c, gw_err *e)
{
    if (gw_mysql_in_transaction(&c->head) || !gw_mysql_commits_by_itself(c))
        GW_TRY(gw_mysql_send(c, GW_STR_LIT("ROLLBACK"), NULL, NULL, e));
    if (c->session.table_locks)
        GW_TRY(gw_mysql_send(c, GW_STR_LIT("UNLOCK TABLES"), NULL, NULL, e));
    c->session.table_locks = false;
    return GODWIT_OK;
}

gw_rc
gw_mysql_reset(gw_conn *head, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_mysql_session *const s = &c->session;
    GW_TRY(let_go(c, e));
    if (s->is_known && !s->changed)
        return c->lost ? gw_mysql_send(c, GW_STR_LIT(""), NULL, NULL, e) : GODWIT_OK;
    comparison r = {.c = c, .set = gw_buf_new(scratch)};
    gw_buf query = gw_buf_new(scratch), text = gw_buf_new(scratch);
    gw_mysql_session_look(s, &query);
    gw_str rest = gw_buf_str(&query);
    gw_mysql_patience(&s->flavour, &rest, &text);
    gw_buf_add(&text, rest);
    GW_TRY(gw_mysql_send(c, gw_buf_str(&text), compare, &r, e));
    if (!r.seen)
        return gw_fail(e, GODWIT_FAILED, "the server does not say how the session is set");
    GW_TRY(go_back(scratch, &r, e));
    s->changed = s->reread = false;
    s->is_known = true;
    return GODWIT_OK;
}

gw_rc
gw_mysql_set_lock_timeout(gw_conn *head, int64_t ms, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_mysql_conn *const c = gw_mysql_of(head);
    gw_buf text = gw_buf_new(scratch);
    gw_buf_puts(&text, "SET ");
    if (ms > 0)
        gw_mysql_session_lock_timeout(&text, ms);
    else
        gw_buf_printf(&text, "SESSION lock_wait_timeout = %s, SESSION innodb_lock_wait_timeout = %s",
                      gw_mysql_session_began(&c->session, "lock_wait_timeout"),
                      gw_mysql_session_began(&c->session, "innodb_lock_wait_timeout"));
    c->session.changed = c->session.changed || ms > 0;
    return send_text(c, &text, e);
}
