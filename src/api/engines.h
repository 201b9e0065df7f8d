/*
 * api/engines - the one list of engines that this build has.
 */
#ifndef GW_API_ENGINES_H
#define GW_API_ENGINES_H

#include "db/engine.h"

extern const gw_engine *const gw_engines[]; /* NULL-terminated */

#endif
