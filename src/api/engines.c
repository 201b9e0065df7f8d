#include "api/engines.h"

#include <stddef.h>

#ifdef GW_WITH_POSTGRES
#include "engine/postgres/postgres.h"
#endif
#ifdef GW_WITH_MYSQL
#include "engine/mysql/engine.h"
#endif
#ifdef GW_WITH_SQLITE
#include "engine/sqlite/sqlite.h"
#endif

const gw_engine *const gw_engines[] = {
#ifdef GW_WITH_POSTGRES
    &gw_postgres,
#endif
#ifdef GW_WITH_MYSQL
    &gw_mysql,
#endif
#ifdef GW_WITH_SQLITE
    &gw_sqlite,
#endif
    NULL,
};
