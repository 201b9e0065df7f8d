/*
 * engine/postgres - PostgreSQL 10 and newer, by libpq: the engine contract (db/engine.h) as a const table.
 *
 * Transactions hold DDL. The lock is a session advisory lock of the connection that executes. libpq's own environment,
 * service and password files keep working: what the URL does not say is left to them.
 */
#ifndef GW_ENGINE_POSTGRES_POSTGRES_H
#define GW_ENGINE_POSTGRES_POSTGRES_H

#include "db/engine.h"

extern const gw_engine gw_postgres;

#endif
