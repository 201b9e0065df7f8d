/*
 * migration/keep - a script as a text that stands by itself: what the history keeps of a way down.
 *
 * A text that its layout framed does not say all of how it is run. What is kept does, in godwit's own words: read without any layout it has
 * the same statements in the same units. Pure.
 */
#ifndef GW_MIGRATION_KEEP_H
#define GW_MIGRATION_KEEP_H

#include "migration/script.h"

/* The script's own text where that stands by itself. NULL: there is none that would be read as the same. */
const char *gw_keep_text(gw_arena *a, const gw_script *s);

#endif
