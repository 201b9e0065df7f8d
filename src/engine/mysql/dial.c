#include "engine/mysql/dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "engine/mysql/error.h"

#include "base/ban.h"

enum { VERIFIES_BY_ITSELF = 30400 /* libmariadb 3.4 */ };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where one dialling goes, when URL and option files have spoken. */
typedef struct route {
    const char *host; /* TCP; NULL: socket */
    const char *socket;
    bool remote;
} route;

static unsigned
in_seconds(int64_t ms)
{
    return (unsigned)((ms + 999) / 1000);
}

/* libmariadb reads its option files only while it connects, and would let them overrule what was set before. So it
 * fails once on purpose, at a socket that cannot be there: from then on the handle holds what the files say. */
static void
read_option_files(MYSQL *my)
{
    const unsigned protocol = MYSQL_PROTOCOL_SOCKET;
    mysql_optionsv(my, MYSQL_READ_DEFAULT_GROUP, "godwit");
    mysql_optionsv(my, MYSQL_OPT_PROTOCOL, &protocol);
    (void)mysql_real_connect(my, "localhost", NULL, NULL, NULL, 0, "/dev/null/no.socket", CLIENT_REMEMBER_OPTIONS);
}

static route
choose_route(const gw_mysql_target *t, const MYSQL *my)
{
    const char *const host = t->url->host;
    if (t->socket != NULL)
        return (route){.socket = t->socket};
    if (host != NULL && host[0] != '\0')
        return (route){.host = host, .remote = gw_url_is_remote(t->url)};
    if (my->options.host != NULL) {
        gw_url named = *t->url;
        named.host = my->options.host;
        return (route){.host = named.host, .remote = gw_url_is_remote(&named)};
    }
    const char *const variable = getenv("MYSQL_UNIX_PORT");
    const char *const socket = my->options.unix_socket != NULL ? my->options.unix_socket : variable;
    /* A port is a wish for TCP. */
    if (socket != NULL && t->url->port == 0)
        return (route){.socket = socket};
    return (route){.host = "127.0.0.1"};
}

/* verify-ca is a chain without a name. libmariadb 3.3 has that, later ones verify both or nothing: then the name
 * must fit too. */
static bool
verifies_name(gw_mysql_tls tls)
{
    return tls == GW_MYSQL_TLS_VERIFY_FULL ||
           (tls == GW_MYSQL_TLS_VERIFY_CA && mysql_get_client_version() >= VERIFIES_BY_ITSELF);
}

/* OpenSSL's own bundle, as a file that libmariadb can be told: only then does it verify without the name. */
static const char *
system_ca(void)
{
    const char *const named = getenv("SSL_CERT_FILE");
    return named != NULL && named[0] != '\0' ? named : "/etc/ssl/certs/ca-certificates.crt";
}

static void
set_tls(MYSQL *my, const gw_mysql_target *t, gw_mysql_tls tls)
{
    const my_bool enforce = tls > GW_MYSQL_TLS_DISABLE;
    const my_bool verify = verifies_name(tls);
    if (t->ca != NULL)
        mysql_optionsv(my, MYSQL_OPT_SSL_CA, t->ca);
    if (t->cert != NULL)
        mysql_optionsv(my, MYSQL_OPT_SSL_CERT, t->cert);
    if (t->key != NULL)
        mysql_optionsv(my, MYSQL_OPT_SSL_KEY, t->key);
    if (tls == GW_MYSQL_TLS_UNSAID &&
        (my->options.use_ssl || my->options.ssl_ca != NULL || my->options.ssl_capath != NULL))
        return; /* an option file, or a CA in the URL, has said it */
    if (tls == GW_MYSQL_TLS_DISABLE) {
        static const enum mysql_option named[] = {MYSQL_OPT_SSL_CA, MYSQL_OPT_SSL_CAPATH, MYSQL_OPT_SSL_CERT,
                                                  MYSQL_OPT_SSL_KEY, MYSQL_OPT_SSL_CIPHER};
        for (size_t i = 0; i < COUNT(named); i++)
            mysql_optionsv(my, named[i], NULL); /* each of them alone asks for TLS */
    }
    if (tls == GW_MYSQL_TLS_VERIFY_CA && my->options.ssl_ca == NULL && my->options.ssl_capath == NULL)
        mysql_optionsv(my, MYSQL_OPT_SSL_CA, system_ca());
    mysql_optionsv(my, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_optionsv(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

static void
set_options(MYSQL *my, const gw_mysql_target *t, const route *r, int64_t answer_timeout_ms)
{
    const unsigned protocol = r->host != NULL ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
    const unsigned connect_s = in_seconds(t->connect_timeout_ms), answer_s = in_seconds(answer_timeout_ms), off = 0;
    const my_bool no = 0;
    mysql_optionsv(my, MYSQL_OPT_PROTOCOL, &protocol);
    mysql_optionsv(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_optionsv(my, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_optionsv(my, MYSQL_OPT_READ_TIMEOUT, &answer_s);
    mysql_optionsv(my, MYSQL_OPT_WRITE_TIMEOUT, &answer_s);
    mysql_optionsv(my, MYSQL_OPT_LOCAL_INFILE, &off);
    mysql_optionsv(my, MYSQL_OPT_RECONNECT, &no); /* a new session would hold no lock */
    mysql_optionsv(my, MARIADB_OPT_SCHEMA, NULL);
    mysql_optionsv(my, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "godwit");
    const bool rule = t->tls == GW_MYSQL_TLS_UNSAID && r->remote;
    set_tls(my, t, rule ? GW_MYSQL_TLS_VERIFY_FULL : t->tls);
}

/* A peer that vanished without a word is noticed after half a minute, also while a statement runs. */
static void
watch_peer(MYSQL *my)
{
    static const struct {
        int level, option, value;
    } settings[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, 15},        {IPPROTO_TCP, TCP_KEEPINTVL, 5},
        {IPPROTO_TCP, TCP_KEEPCNT, 3}, {IPPROTO_TCP, TCP_USER_TIMEOUT, 30000},
    };
    const int fd = mysql_get_socket(my);
    for (size_t i = 0; i < COUNT(settings); i++) /* no harm on a socket file */
        (void)setsockopt(fd, settings[i].level, settings[i].option, &settings[i].value, sizeof(settings[i].value));
}

gw_rc
gw_mysql_dial(const gw_mysql_target *t, int64_t answer_timeout_ms, MYSQL **out, gw_err *e)
{
    MYSQL *const my = mysql_init(NULL);
    if (my == NULL)
        return gw_fail(e, GODWIT_CONNECT, "libmariadb could not be started");
    read_option_files(my);
    const route r = choose_route(t, my);
    set_options(my, t, &r, answer_timeout_ms);
    const gw_url *const url = t->url;
    if (mysql_real_connect(my, r.host != NULL ? r.host : "localhost", url->user, url->password, t->database, url->port,
                           r.socket,
                           CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS | CLIENT_REMEMBER_OPTIONS) == NULL) {
        const bool rule = t->tls == GW_MYSQL_TLS_UNSAID && r.remote;
        const gw_rc rc = gw_mysql_error_connect(my, t->shown, rule, e);
        mysql_close(my);
        return rc;
    }
    watch_peer(my);
    *out = my;
    return GODWIT_OK;
}

void
gw_mysql_hang_up(MYSQL *my)
{
    (void)shutdown(mysql_get_socket(my), SHUT_RD);
    mysql_close(my);
}
