/*
 * base/library - a foreign library that is loaded when it is first needed.
 *
 * A program that speaks to three databases needs the client library of one: loading all of them at every start would take
 * longer than what most calls do, and would make every library a requirement.
 */
#ifndef GW_BASE_LIBRARY_H
#define GW_BASE_LIBRARY_H

#include "base/err.h"

typedef struct gw_library {
    const char *file;         /* "libpq.so.5" */
    const char *package;      /* who brings it, for the hint */
    const char *const *names; /* of functions, NULL-terminated */
    void *functions;          /* as many pointers, in that order */
    const void *linked;       /* likewise, of the functions that this program is linked with; NULL: load them */
    bool is_loaded;
} gw_library;

/* Load and resolve, once; any thread may ask. The library stays until the process ends. GODWIT_CONNECT when it is not there or lacks a function. */
GW_CHECKED gw_rc gw_library_load(gw_library *library, gw_err *e);

#endif
