/*
 * engine/postgres/options - a URL as the keywords of libpq.
 *
 * What the URL does not say is left to libpq: its environment (PGHOST, PGSERVICE, PGPASSWORD …), service file, password
 * file. Where those lead counts for TLS too: to a remote host it is verify-full unless the URL, PGSSLMODE or the service
 * file says otherwise.
 */
#ifndef GW_ENGINE_POSTGRES_OPTIONS_H
#define GW_ENGINE_POSTGRES_OPTIONS_H

#include "base/vec.h"
#include "config/url.h"

typedef struct gw_pg_options {
    gw_vec(const char *) keywords, values; /* as PQconnectStartParams wants them, NULL at the end of both */
    const char *database;                  /* the one that is meant, whoever says it */
    int64_t connect_timeout_ms;            /* of the URL or libpq's environment; 0: nobody said */
    bool timeout_in_url;
    size_t hosts;  /* that are tried one after the other */
    bool verified; /* nobody said how to use TLS, and the host is remote: verify-full */
} gw_pg_options;

/* `maintenance` replaces the database; NULL: no. GODWIT_USAGE names a parameter that libpq does not know. */
GW_CHECKED gw_rc gw_pg_options_read(gw_arena *a, const gw_url *url, const char *maintenance, gw_pg_options *out,
                                    gw_err *e);

#endif
