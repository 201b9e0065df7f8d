/*
 * migration/version - versions are numbers of any length, compared as numbers: 2 < 0010 = 10 < 20260326170903; so are the numbers in
 * one that is more: 1.9 < 1.10.
 */
#ifndef GW_MIGRATION_VERSION_H
#define GW_MIGRATION_VERSION_H

#include "base/arena.h"

int gw_version_compare(gw_str a, gw_str b);   /* <0, 0, >0; leading zeros do not count; non-digits compare bytewise */
gw_str gw_version_key(gw_arena *a, gw_str v); /* the same for two that compare as equal, and for no others */
bool gw_version_is_timestamp(gw_str v);       /* 14 digits that are a date and time */
/* At most six digits that count: numbers without gaps are expected of these; a date or a Unix time is longer. */
bool gw_version_is_sequence(gw_str v);
/* The next number with the same width at least: "0009" → "0010", "999" → "1000", "" → "1". */
char *gw_version_next(gw_arena *a, gw_str v);

/* The timestamp one second later; as it is when it lies beyond what four digits of a year can say. */
char *gw_version_second_after(gw_arena *a, gw_str v);

#endif
