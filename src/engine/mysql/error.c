#include "engine/mysql/error.h"

#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>

#include "base/arena.h"
#include "engine/mysql/place.h"

#include "base/ban.h"

/* Numbers that only one of the two servers has, or that libmariadb's headers do not name. */
enum {
    CLIENT_CONNECTION_LOST = 2055, /* CR_SERVER_LOST_EXTENDED */
    MARIADB_CONNECTION_KILLED = 1927,
    MYSQL_SESSION_KILLED = 3169,
    MYSQL_CLIENT_INTERACTION_TIMEOUT = 4031,
    SORT_ABORTED = 1028,
    AUTH_PLUGIN_NOT_LOADED = 2059,
    AUTH_PLUGIN_FAILED = 2061,
    UNIX_SOCKET_LOGIN = 1698,
    BINLOG_UNSAFE_ROUTINE = 1419,
    NEEDS_PRIMARY_KEY = 3750,
    READ_ONLY_SERVER = 1290,
    NODE_NOT_PREPARED = 1047,
    RECORD_CHANGED = 1020,       /* MariaDB with innodb_snapshot_isolation */
    CERTIFICATION_FAILED = 3101, /* group replication */
    LOCK_NOWAIT = 3572,          /* MySQL */
    TIDB_WRITE_CONFLICT = 9007,
    TIDB_SCHEMA_CHANGED = 8028,
    TIDB_RETRY_LATER = 8022
};

typedef enum trait {
    LOST = 1 << 0,       /* the session is gone */
    TRANSIENT = 1 << 1,  /* trying again may help */
    CANCELLED = 1 << 2,  /* what a statement says that somebody ended */
    AT_CONNECT = 1 << 3, /* the hint holds for connecting only */
    LOCK_WAIT = 1 << 4   /* it waited too long for a lock */
} trait;

static const struct {
    unsigned number, traits;
    const char *hint; /* NULL: the message says it all */
} numbers[] = {
    /* connecting */
    {CR_CONNECTION_ERROR, LOST | TRANSIENT, "is the server running, and does it listen there?"},
    {CR_CONN_HOST_ERROR, LOST | TRANSIENT, "is the server running, and does it listen there?"},
    {CR_UNKNOWN_HOST, 0, "check the host name of the database URL"},
    {ER_CON_COUNT_ERROR, TRANSIENT, "the server has no connection left: end idle ones, or raise max_connections"},
    {ER_TOO_MANY_USER_CONNECTIONS, TRANSIENT, "end idle connections of this user, or raise max_user_connections"},
    {ER_ACCESS_DENIED_ERROR, 0,
     "check user and password of the database URL, and from which hosts the user may log in"},
    {UNIX_SOCKET_LOGIN, 0,
     "this user logs in through the server's socket file only: name it with ?socket=FILE, or give the user a password"},
    {ER_DBACCESS_DENIED_ERROR, 0,
     "let an administrator GRANT this user what it needs on the database, or create it if it is not there"},
    {ER_BAD_DB_ERROR, AT_CONNECT, "create it with `godwit db create`"},
    {ER_HOST_IS_BLOCKED, 0, "an administrator clears it with FLUSH HOSTS"},
    {AUTH_PLUGIN_NOT_LOADED, 0,
     "libmariadb lacks the module for this user's way to log in; install it, or give the user caching_sha2_password or "
     "mysql_native_password"},
    {AUTH_PLUGIN_FAILED, 0, "use TLS (?sslmode=require), with which the password needs no key of the server"},
    /* the session is gone */
    {CR_SERVER_GONE_ERROR, LOST | TRANSIENT, NULL},
    {CR_SERVER_LOST, LOST | TRANSIENT, NULL},
    {CLIENT_CONNECTION_LOST, LOST | TRANSIENT, NULL},
    {ER_SERVER_SHUTDOWN, LOST | TRANSIENT, NULL},
    {ER_NORMAL_SHUTDOWN, LOST | TRANSIENT, NULL},
    {ER_ABORTING_CONNECTION, LOST | TRANSIENT, NULL},
    {ER_NEW_ABORTING_CONNECTION, LOST | TRANSIENT, NULL},
    {ER_NET_READ_ERROR, LOST | TRANSIENT, NULL},
    {ER_NET_READ_INTERRUPTED, LOST | TRANSIENT, NULL},
    {ER_NET_ERROR_ON_WRITE, LOST | TRANSIENT, NULL},
    {ER_NET_WRITE_INTERRUPTED, LOST | TRANSIENT, NULL},
    {MARIADB_CONNECTION_KILLED, LOST | TRANSIENT, NULL},
    {MYSQL_SESSION_KILLED, LOST | TRANSIENT, NULL},
    {MYSQL_CLIENT_INTERACTION_TIMEOUT, LOST | TRANSIENT, NULL},
    /* statements */
    {ER_QUERY_INTERRUPTED, CANCELLED, NULL},
    {SORT_ABORTED, CANCELLED, NULL},
    {ER_LOCK_WAIT_TIMEOUT, TRANSIENT | LOCK_WAIT,
     "another session holds the lock: SHOW PROCESSLIST shows which; end it, or wait longer with lock_timeout"},
    {LOCK_NOWAIT, TRANSIENT | LOCK_WAIT, NULL},
    {ER_LOCK_DEADLOCK, TRANSIENT, NULL},
    {RECORD_CHANGED, TRANSIENT, NULL},
    {ER_TABLE_DEF_CHANGED, TRANSIENT, NULL},
    {CERTIFICATION_FAILED, TRANSIENT, NULL},
    {TIDB_WRITE_CONFLICT, TRANSIENT, NULL},
    {TIDB_SCHEMA_CHANGED, TRANSIENT, NULL},
    {TIDB_RETRY_LATER, TRANSIENT, NULL},
    {NODE_NOT_PREPARED, TRANSIENT, "the node of the cluster is not ready: wait, or connect to another one"},
    {ER_TABLEACCESS_DENIED_ERROR, 0, "let an administrator GRANT this user what it needs on the table"},
    {ER_SPECIFIC_ACCESS_DENIED_ERROR, 0, "let an administrator GRANT this user the privilege that the message names"},
    {ER_KILL_DENIED_ERROR, 0,
     "it is another user's: log in as that one, or as an administrator (CONNECTION ADMIN, SUPER)"},
    {ER_NET_PACKET_TOO_LARGE, 0, "raise max_allowed_packet of the server, or split the statement"},
    {BINLOG_UNSAFE_ROUTINE, 0, "an administrator sets log_bin_trust_function_creators=1, or runs this file"},
    {NEEDS_PRIMARY_KEY, 0, "give the table a primary key: the server has sql_require_primary_key on"},
    {READ_ONLY_SERVER, 0,
     "the option that the message names forbids it; when that is --read-only, this is a replica: connect to the "
     "primary"},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static size_t
find(unsigned number)
{
    size_t i = 0;
    while (i < NUMBERS && numbers[i].number != number)
        i++;
    return i;
}

static unsigned
traits_of(unsigned number)
{
    const size_t i = find(number);
    return i < NUMBERS ? numbers[i].traits : 0;
}

bool
gw_mysql_error_is_loss(unsigned number)
{
    return (traits_of(number) & LOST) != 0;
}

static void
set_code(gw_err *e, unsigned number)
{
    (void)snprintf(e->code, sizeof(e->code), "%u", number % 10000000);
}

static void
add_hint(gw_err *e, unsigned number, bool connecting)
{
    const size_t i = find(number);
    if (i < NUMBERS && numbers[i].hint != NULL && (connecting || (numbers[i].traits & AT_CONNECT) == 0))
        (void)gw_err_hint(e, "%s", numbers[i].hint);
}

/* "Can't connect to server on 'db' (111)", "system error: 110": the number at the end is errno; in words it says
 * more. But of a refused connection libmariadb knows only that it was in progress. */
static void
put_reason(gw_buf *out, gw_str text)
{
    size_t end = text.len, begin;
    const bool bracket = gw_str_ends(text, ")");
    end -= bracket;
    for (begin = end; begin > 0 && isdigit((unsigned char)text.ptr[begin - 1]); begin--)
        ;
    const bool is_errno = begin < end && end - begin <= 4 && begin > 1 && (!bracket || text.ptr[begin - 1] == '(');
    const int number = is_errno ? (int)strtol(text.ptr + begin, NULL, 10) : 0;
    gw_buf_add(out, is_errno && bracket ? gw_str_slice(text, 0, begin - 2)
                                        : gw_str_slice(text, 0, is_errno ? begin : text.len));
    if (number != 0 && number != EINPROGRESS)
        gw_buf_printf(out, bracket ? " (%s)" : "%s", strerror(number));
}

gw_rc
gw_mysql_error_connect(MYSQL *my, const char *shown, bool rule, gw_err *e)
{
    const unsigned number = mysql_errno(my);
    GW_SCOPE(scratch);
    gw_buf text = gw_buf_new(scratch);
    if (gw_mysql_error_is_loss(number))
        put_reason(&text, gw_str_of(mysql_error(my)));
    else
        gw_buf_puts(&text, mysql_error(my));
    (void)gw_fail(e, GODWIT_CONNECT, "could not connect to %s: %s", shown, gw_buf_text(&text));
    set_code(e, number);
    e->transient = (traits_of(number) & TRANSIENT) != 0;
    if (strstr(mysql_error(my), "Validation of SSL server certificate failed") != NULL)
        (void)gw_err_note(e, "the server's certificate is for another host name");
    if (number != CR_SSL_CONNECTION_ERROR)
        add_hint(e, number, true);
    else if (rule)
        (void)gw_err_hint(
            e, "a server that is not on this machine must prove by TLS who it is: name its CA with ?sslrootcert=FILE, "
               "or say ?sslmode=require for no proof, ?sslmode=disable for no TLS");
    else
        (void)gw_err_hint(e, "sslmode, sslrootcert, sslcert and sslkey of the database URL say how TLS is used");
    return e->rc;
}

/* What the URL could not have known: TLS that fails in the middle is a loss, whatever the number. */
gw_rc
gw_mysql_error_statement(MYSQL *my, const gw_mysql_failure *f, gw_err *e)
{
    const unsigned number = mysql_errno(my);
    const unsigned traits = traits_of(number) | (number == CR_SSL_CONNECTION_ERROR ? LOST | TRANSIENT : 0);
    const char *const text = mysql_error(my);
    if (f->cancelled && (traits & (CANCELLED | LOST)) != 0) {
        (void)gw_fail(e, GODWIT_INTERRUPTED, "the statement was cancelled");
        if ((traits & LOST) != 0)
            (void)gw_err_note(e, "the server %s, and the connection was closed: the statement may go on there",
                              f->heard ? "did not answer within 5 s after it was asked to cancel"
                                       : "could not be asked to cancel within 5 s");
        set_code(e, number);
        return e->rc;
    }
    if ((traits & LOST) != 0) {
        (void)gw_fail(e, GODWIT_CONNECT, "the connection to the server was lost: %s", text);
    } else {
        char shorter[512];
        gw_mysql_place_text(text, shorter, sizeof(shorter));
        (void)gw_fail(e, GODWIT_FAILED, "%s", shorter);
        e->offset = gw_mysql_place_find(f->sql, number, text);
    }
    set_code(e, number);
    e->transient = (traits & TRANSIENT) != 0;
    e->lock_wait = (traits & LOCK_WAIT) != 0;
    add_hint(e, number, false);
    return e->rc;
}
