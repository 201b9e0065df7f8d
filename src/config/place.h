/*
 * config/place - where in a configuration file an error is, shown without its secrets.
 *
 * A line of godwit.yaml or .env may hold a password anywhere. The excerpt of an error therefore shows the key that the
 * line begins with, names of settings and the fault itself; every other character is a '*'.
 */
#ifndef GW_CONFIG_PLACE_H
#define GW_CONFIG_PLACE_H

#include "base/err.h"

typedef enum gw_place_kind { GW_PLACE_YAML, GW_PLACE_ENV } gw_place_kind;

/* gw_err_at, then mask the excerpt but for `shown` characters from `offset` on. Returns e->rc. */
gw_rc gw_place(gw_err *e, gw_place_kind kind, const char *path, gw_str text, size_t offset, size_t shown);
/* The text behind a byte order mark: offsets count from there. */
gw_str gw_place_body(gw_str text);

#endif
