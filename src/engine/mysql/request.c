#include "engine/mysql/request.h"

#include "base/future.h"
#include "engine/mysql/dial.h"

#include "base/ban.h"

enum { ANSWER_MS = 3000 };

struct gw_mysql_request {
    gw_mysql_request_kind kind;
    gw_mysql_target target;
    const char *server;
    unsigned long session;
    gw_future *future;
    bool yes;
};

/* ---- asking ---- */

/* Is the first row `server`, and in a second column, if there is one, true? */
static bool
says(MYSQL *my, const char *sql, const char *server)
{
    if (mysql_query(my, sql) != 0)
        return false;
    MYSQL_RES *const rows = mysql_store_result(my);
    if (rows == NULL)
        return false;
    const MYSQL_ROW row = mysql_fetch_row(rows);
    const bool yes = row != NULL && row[0] != NULL && strcmp(row[0], server) == 0 &&
                     (mysql_num_fields(rows) == 1 || (row[1] != NULL && strcmp(row[1], "1") == 0));
    mysql_free_result(rows);
    return yes;
}

static bool
speak(const gw_mysql_request *r, MYSQL *my)
{
    char text[192];
    if (r->kind == GW_MYSQL_KILL) {
        (void)snprintf(text, sizeof(text), "KILL QUERY %lu", r->session);
        return says(my, "SELECT " GW_MYSQL_SERVER_IDENTITY, r->server) && mysql_query(my, text) == 0;
    }
    (void)snprintf(text, sizeof(text),
                   "SELECT " GW_MYSQL_SERVER_IDENTITY
                   ", command %s 'Sleep' FROM information_schema.processlist WHERE id = %lu",
                   r->kind == GW_MYSQL_IDLE ? "=" : "<>", r->session);
    return says(my, text, r->server);
}

static void
ask(void *subject)
{
    MYSQL *my = NULL;
    gw_err ignored = {0};
    gw_mysql_request *const r = subject;
    mysql_thread_init();
    if (gw_mysql_dial(&r->target, ANSWER_MS, &my, &ignored) == GODWIT_OK) {
        r->yes = speak(r, my);
        gw_mysql_hang_up(my);
    }
    mysql_thread_end();
}

gw_mysql_request *
gw_mysql_request_start(gw_mysql_request_kind kind, const gw_mysql_target *t, const char *server, unsigned long session)
{
    if (server == NULL)
        return NULL;
    gw_arena *const a = gw_arena_new();
    gw_mysql_request *const r = gw_new(a, gw_mysql_request);
    *r = (gw_mysql_request){.kind = kind, .server = gw_text(a, server), .session = session};
    gw_mysql_target_copy(a, t, &r->target);
    r->target.connect_timeout_ms = ANSWER_MS;
    r->target.database = NULL; /* it may be gone by now */
    gw_future *const future = gw_future_start(a, ask, r);
    if (future == NULL)
        return NULL;
    r->future = future;
    return r;
}

/* ---- the answer ---- */

bool
gw_mysql_request_is_over(const gw_mysql_request *r)
{
    return gw_future_is_over(r->future);
}

bool
gw_mysql_request_end(gw_mysql_request *r, int64_t until_ms, bool *yes)
{
    gw_future *const future = r->future;
    *yes = false;
    if (!gw_future_end(future, until_ms, NULL))
        return false;
    *yes = r->yes;
    gw_future_free(future);
    return true;
}
