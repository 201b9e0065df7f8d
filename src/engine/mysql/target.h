/*
 * engine/mysql/target - the server that a URL means, as its parameters say it. Pure but for a look whether named
 * files can be read.
 */
#ifndef GW_ENGINE_MYSQL_TARGET_H
#define GW_ENGINE_MYSQL_TARGET_H

#include "db/engine.h"

typedef enum gw_mysql_tls {
    GW_MYSQL_TLS_UNSAID, /* by the rule: verified to a remote host, the library's choice otherwise */
    GW_MYSQL_TLS_DISABLE,
    GW_MYSQL_TLS_REQUIRE, /* encrypted, nothing verified unless a CA is named */
    GW_MYSQL_TLS_VERIFY_CA,
    GW_MYSQL_TLS_VERIFY_FULL
} gw_mysql_tls;

typedef struct gw_mysql_target {
    const gw_url *url;
    const char *shown;    /* gw_url_show */
    const char *database; /* NULL: none (maintenance) */
    gw_mysql_tls tls;
    const char *ca, *cert, *key, *socket; /* NULL: not said */
    int64_t connect_timeout_ms;
} gw_mysql_target;

/* Memory of `a`, which outlives every dialling; the URL's texts are copied. GODWIT_USAGE names what means nothing
 * here. */
GW_CHECKED gw_rc gw_mysql_target_read(gw_arena *a, const gw_open_params *p, gw_mysql_target *out, gw_err *e);
/* The same on another arena: for a thread that may outlive the connection. */
void gw_mysql_target_copy(gw_arena *a, const gw_mysql_target *t, gw_mysql_target *out);

#endif
