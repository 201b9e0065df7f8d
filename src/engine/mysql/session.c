#include "engine/mysql/session.h"

#include <assert.h>

#include "engine/mysql/traits.h"

#include "base/ban.h"

const char *
gw_mysql_session_began(const gw_mysql_session *s, const char *name)
{
    const size_t column = gw_mysql_variable_column(&s->flavour, name);
    return column < s->began.len ? s->began.at[column] : NULL;
}

void
gw_mysql_session_lock_timeout(gw_buf *out, int64_t ms)
{
    const int64_t most = 31536000; /* of MariaDB, and what both begin with at most */
    const int64_t seconds = (ms + 999) / 1000 < most ? (ms + 999) / 1000 : most;
    gw_buf_printf(out, "SESSION lock_wait_timeout = %lld, SESSION innodb_lock_wait_timeout = %lld", (long long)seconds,
                  (long long)seconds);
}

/* The server is to tell of everything, and of less: so that it tells when somebody silences it. */
static const char tracking[] =
    "session_track_system_variables = '*', session_track_schema = ON, session_track_state_change = ON";

/* Answers are to come whole, whatever number of rows the server gives to others: rows that nobody sees are those of the history, too. */
static const char whole_answers[] = "SESSION sql_select_limit = 18446744073709551615";

void
gw_mysql_session_opening(const gw_mysql_session *s, const gw_open_params *p, gw_buf *out)
{
    gw_buf_puts(out, whole_answers);
    /* libmariadb greets with utf8mb4_general_ci, and the server's init_connect may have chosen anything. The server's own default
     * collation is what everybody else's literals have. */
    gw_buf_puts(out, ", NAMES utf8mb4");
    if (p->lock_timeout_ms > 0) {
        gw_buf_puts(out, ", ");
        gw_mysql_session_lock_timeout(out, p->lock_timeout_ms);
    }
    if (gw_mysql_variable_column(&s->flavour, "session_track_state_change") != SIZE_MAX)
        gw_buf_printf(out, ", %s", tracking);
}

/* ---- what changed ---- */

void
gw_mysql_session_note(gw_mysql_session *s, unsigned traits)
{
    s->changed = s->changed || (traits & GW_MYSQL_TRACKED) == 0;
    s->is_known = s->tells;
    s->reread = s->reread || (traits & GW_MYSQL_REREADS) != 0;
    s->table_locks = s->table_locks || (traits & GW_MYSQL_LOCKS) != 0;
}

static bool
same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Where nothing was chosen at the beginning nothing can be chosen again. */
bool
gw_mysql_session_differs(const gw_mysql_session *s, size_t column, const char *now)
{
    const char *const began = s->began.at[column];
    return !same(began, now) && !(column == GW_MYSQL_DATABASE && began == NULL);
}

void
gw_mysql_session_look(const gw_mysql_session *s, gw_buf *out)
{
    gw_buf_puts(out, "SELECT 0");
    gw_mysql_variable_columns(&s->flavour, out);
    gw_buf_puts(out, " LIMIT 1"); /* sql_select_limit may be 0 */
}

bool
gw_mysql_session_looked(void *ctx, size_t columns, const char *const *values)
{
    gw_mysql_session *const s = ctx;
    (void)columns;
    assert(columns == s->began.len + 1);
    s->changed = false;
    s->is_known = true;
    for (size_t i = 0; i < s->began.len; i++)
        s->changed = s->changed || gw_mysql_session_differs(s, i, values[i + 1]);
    s->reread = s->reread && s->changed;
    return false;
}
