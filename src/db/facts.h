/*
 * db/facts - what is known of a server, its database and its session.
 */
#ifndef GW_DB_FACTS_H
#define GW_DB_FACTS_H

#include "base/str.h"
#include "sql/dialect.h"

/* What a server is, asked once at connect. */
typedef struct gw_facts {
    const char *product;  /* "PostgreSQL", "MariaDB", "MySQL", "SQLite" */
    const char *version;  /* "15.18" */
    const char *database; /* name, or file */
    const char *schema;   /* where an unqualified table would be created; NULL without schemas */
    const char *user;     /* as the server knows it; "" for SQLite */
    int64_t session;      /* the server's number of this session: for end_session and blockers; 0: none */
    const char *place;    /* which server that number is of: text that differs between the nodes of a cluster */
    bool read_only;
    bool atomic_ddl;      /* one DDL statement happens or does not */
    bool pooled, cluster; /* session locks cannot be trusted: the lease (lock policy) */
    bool replays;         /* replicas carry out its statements, in sessions that hold no lock: likewise */
    gw_dialect dialect;   /* with the session's settings */
} gw_facts;

#endif
