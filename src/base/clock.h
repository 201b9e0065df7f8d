/*
 * base/clock - time that passes, time of day, and durations as people write them.
 */
#ifndef GW_BASE_CLOCK_H
#define GW_BASE_CLOCK_H

#include "base/err.h"

int64_t gw_clock_ms(void);           /* monotonic */
char *gw_clock_utc(gw_arena *a);     /* "2026-03-26 17:09:03.123" */
char *gw_clock_version(gw_arena *a); /* "20260326170903", UTC: the name of a new timestamped migration */
void gw_sleep_ms(int64_t ms);        /* returns early when a signal arrives */

/* "30s", "5m", "250ms", "1h30m", "2.5s", "1d"; a bare number is seconds; blanks between are fine; a part of a
 * millisecond counts as a whole one. GODWIT_USAGE otherwise, and for more than a century. */
GW_CHECKED gw_rc gw_duration_parse(gw_str text, int64_t *ms, gw_err *e);
char *gw_duration_text(gw_arena *a, int64_t ms); /* "3 ms", "1.25 s", "30 s", "2 m 05 s", "1 h 00 m 09 s" */

#endif
