/* What makes a program one that has SQLite in it: see engine/sqlite/library. */
#define GW_LINKED
#include "engine/sqlite/library.h"

const gw_libsqlite_functions gw_libsqlite_linked = GW_LIBSQLITE_LINKED;
