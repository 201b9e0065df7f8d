/*
 * config/url - the URL of a database: read, changed, shown without its secrets.
 *
 *     postgres://user:p%40ss@host:5432/shop?sslmode=disable     mysql://…   mariadb://…
 *     sqlite:app.db   sqlite:///abs/app.db   sqlite::memory:    postgres:///shop?host=/var/run/postgresql
 *
 * Percent escapes are decoded on reading. Which schemes there are and which parameters mean something is the business
 * of the engines; they refuse others. `user` and `password` among the parameters count as the URL's user and password.
 * Several hosts (`h1:5432,h2`, as libpq has them) stay one comma list in `host`; their ports become the parameter
 * `port`, a comma list as well, and `port` is 0.
 *
 * An '@' in user or password is understood, since the last one before the path decides; '/', '?' and '#' there must be
 * percent-encoded, and an '@' behind the host is an error that says so.
 */
#ifndef GW_CONFIG_URL_H
#define GW_CONFIG_URL_H

#include "base/err.h"
#include "base/vec.h"

typedef struct gw_url_param {
    const char *name, *value;
} gw_url_param;

typedef struct gw_url {
    const char *scheme; /* lower case */
    const char *user;   /* NULL: not given, here and below */
    const char *password;
    const char *host;     /* without brackets; a leading '/' is a socket folder or file */
    unsigned port;        /* 0: not given */
    const char *database; /* sqlite: the file, or ":memory:" */
    gw_vec(gw_url_param) params;
} gw_url;

/* GODWIT_USAGE with the number of the character that is wrong when it is no URL; never shows a part of it. */
GW_CHECKED gw_rc gw_url_parse(gw_arena *a, gw_str text, gw_url *out, gw_err *e);
const char *gw_url_param_get(const gw_url *url, const char *name); /* NULL: absent */
/* For people and logs: scheme, user, host, port, database; no password, no parameters. A URL again. */
char *gw_url_show(gw_arena *a, const gw_url *url);
/* Neither loopback nor a socket nor a file: TLS is required there. Of several hosts one is enough. Looks at the host
 * and at the parameters `host` and `hostaddr`; what a client library adds by itself (PGHOST, a service file) it cannot
 * know. */
bool gw_url_is_remote(const gw_url *url);
/* The database is a file (sqlite), or ":memory:". */
bool gw_url_is_file(const gw_url *url);

#endif
