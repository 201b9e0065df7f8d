#include "engine/mysql/stall.h"

#include <errno.h>
#include <ma_pvio.h>
#include <poll.h>

#include "engine/mysql/dial.h"

#include "base/ban.h"

enum { FIRST_LOOK_MS = 100, LONGEST_MS = 5000, ON_ITS_WAY_MS = 200, ANSWER_MS = 3000 };

/* Within `ms`: an answer, a part of one, or the end of the connection. */
static bool
can_read(const gw_mysql_conn *c, int ms)
{
    const MARIADB_PVIO *const io = c->my->net.pvio;
    struct pollfd fd = {.fd = c->cancel.socket, .events = POLLIN};
    if (io == NULL || (io->cache != NULL && io->cache_pos < io->cache + io->cache_size))
        return true;
    int n;
    do
        n = poll(&fd, 1, ms);
    while (n < 0 && errno == EINTR);
    return n != 0;
}

static const char *
cell_of(const MYSQL_ROW row, size_t i)
{
    return row == NULL || row[i] == NULL ? "" : row[i];
}

/* Is it certain that the server waits for a statement of this session? */
static bool
is_idle(const gw_mysql_conn *c)
{
    char text[192];
    bool idle = false;
    MYSQL *my = NULL;
    gw_err ignored = {0};
    gw_mysql_target t = c->target;
    t.connect_timeout_ms = ANSWER_MS;
    t.database = NULL;
    if (gw_mysql_dial(&t, ANSWER_MS, &my, &ignored) != GODWIT_OK)
        return false;
    (void)snprintf(text, sizeof(text),
                   "SELECT " GW_MYSQL_SERVER_IDENTITY ", command FROM information_schema.processlist WHERE id = %lu",
                   c->cancel.session);
    MYSQL_RES *const rows = mysql_query(my, text) == 0 ? mysql_store_result(my) : NULL;
    if (rows != NULL) {
        const MYSQL_ROW row = mysql_fetch_row(rows);
        idle = c->cancel.server != NULL && strcmp(cell_of(row, 0), c->cancel.server) == 0 &&
               strcmp(cell_of(row, 1), "Sleep") == 0;
        mysql_free_result(rows);
    }
    gw_mysql_hang_up(my);
    return idle;
}

bool
gw_mysql_stall_wait(gw_mysql_conn *c)
{
    for (int ms = FIRST_LOOK_MS;; ms = ms < LONGEST_MS / 2 ? 2 * ms : LONGEST_MS) {
        if (can_read(c, ms))
            return false;
        if (is_idle(c) && !can_read(c, ON_ITS_WAY_MS)) {
            c->my->server_status &= (unsigned)~SERVER_MORE_RESULTS_EXIST;
            c->my->status = MYSQL_STATUS_READY;
            return true;
        }
    }
}
