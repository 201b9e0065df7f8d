#include "engine/mysql/request.h"

#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "engine/mysql/dial.h"

#include "base/ban.h"

enum { ANSWER_MS = 3000 };

/* Of two owners: whoever is the last to need it frees it. */
struct gw_mysql_request {
    gw_arena *arena;
    gw_mysql_request_kind kind;
    gw_mysql_target target;
    const char *server;
    unsigned long session;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_over, is_left; /* by the server, by the caller */
    bool yes;
};

static void
let_go(gw_mysql_request *r)
{
    pthread_cond_destroy(&r->ended);
    pthread_mutex_destroy(&r->mutex);
    gw_arena_free(r->arena);
}

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

static void *
ask(void *subject)
{
    MYSQL *my = NULL;
    gw_err ignored = {0};
    gw_mysql_request *const r = subject;
    bool yes = false;
    mysql_thread_init();
    if (gw_mysql_dial(&r->target, ANSWER_MS, &my, &ignored) == GODWIT_OK) {
        yes = speak(r, my);
        gw_mysql_hang_up(my);
    }
    mysql_thread_end();
    pthread_mutex_lock(&r->mutex);
    r->is_over = true;
    r->yes = yes;
    const bool is_left = r->is_left;
    pthread_cond_signal(&r->ended);
    pthread_mutex_unlock(&r->mutex);
    if (is_left)
        let_go(r);
    return NULL;
}

static void
prepare(gw_mysql_request *r, const gw_mysql_target *t)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&r->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&r->mutex, NULL);
    gw_mysql_target_copy(r->arena, t, &r->target);
    r->target.connect_timeout_ms = ANSWER_MS;
    r->target.database = NULL; /* it may be gone by now */
}

gw_mysql_request *
gw_mysql_request_start(gw_mysql_request_kind kind, const gw_mysql_target *t, const char *server, unsigned long session)
{
    if (server == NULL)
        return NULL;
    gw_arena *const arena = gw_arena_new();
    gw_mysql_request *const r = gw_new(arena, gw_mysql_request);
    *r = (gw_mysql_request){.arena = arena, .kind = kind, .server = gw_text(arena, server), .session = session};
    prepare(r, t);
    if (pthread_create(&r->thread, NULL, ask, r) != 0) {
        let_go(r);
        return NULL;
    }
    return r;
}

/* ---- the answer ---- */

bool
gw_mysql_request_is_over(gw_mysql_request *r)
{
    pthread_mutex_lock(&r->mutex);
    const bool is_over = r->is_over;
    pthread_mutex_unlock(&r->mutex);
    return is_over;
}

bool
gw_mysql_request_end(gw_mysql_request *r, int64_t until_ms, bool *yes)
{
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000L};
    pthread_mutex_lock(&r->mutex);
    while (!r->is_over && gw_clock_ms() < until_ms)
        (void)pthread_cond_timedwait(&r->ended, &r->mutex, &until);
    const bool is_over = r->is_over;
    *yes = is_over && r->yes;
    r->is_left = true;
    const pthread_t thread = r->thread;
    pthread_mutex_unlock(&r->mutex);
    if (!is_over) {
        pthread_detach(thread);
        return false;
    }
    pthread_join(thread, NULL); /* what it holds of OpenSSL goes with its end */
    let_go(r);
    return true;
}
