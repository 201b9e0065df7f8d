/*
 * base/proc - run a command of the user's configuration, feed it, hear it.
 *
 * The command is a line for /bin/sh -c; it gets the caller's environment plus `env`. Its standard error goes to
 * ours; standard output is captured, capped. A command that outlives timeout_ms is killed with its process group; so
 * is one that wants to read from the terminal, which it would wait for without end.
 */
#ifndef GW_BASE_PROC_H
#define GW_BASE_PROC_H

#include "base/err.h"
#include "base/interrupt.h"

typedef struct gw_proc_params {
    const char *command;
    gw_str input;                  /* its standard input */
    const char *const *env;        /* "NAME=value", NULL-terminated; may be NULL */
    int64_t timeout_ms;            /* 0: a minute */
    size_t output_cap;             /* bytes of output kept; 0: 1 MiB; more is an error */
    bool quiet;                    /* its standard error is dropped */
    const gw_interrupt *interrupt; /* asked: the command is killed; NULL: nobody can */
} gw_proc_params;

/* *output is its standard output without the last line break. Not started, killed, timed out or ended with a status
 * other than 0: GODWIT_IO, with the command's first word and what happened, never the whole command line (it may hold
 * a secret); GODWIT_INTERRUPTED. Its end is the end of its output: what it leaves in the background must close that. */
GW_CHECKED gw_rc gw_proc_run(gw_arena *a, const gw_proc_params *p, gw_str *output, gw_err *e);

#endif
