/*
 * tests/show_error - an error as the program shows it, for cases.
 */
#ifndef GW_TESTS_SHOW_ERROR_H
#define GW_TESTS_SHOW_ERROR_H

#include "base/arena.h"
#include "base/err.h"

static inline void
show_error(gw_buf *out, const gw_err *e)
{
    gw_buf_printf(out, "error %d: ", (int)e->rc);
    if (e->path[0] != '\0')
        gw_buf_printf(out, "%s:%u:%u: ", e->path, e->line, e->column);
    gw_buf_printf(out, "%s\n", e->message);
    if (e->excerpt[0] != '\0')
        gw_buf_printf(out, "  | %s\n  | %*s\n", e->excerpt, (int)e->caret, "^");
    if (e->notes[0] != '\0')
        gw_buf_printf(out, "  %s\n", e->notes);
    if (e->hint[0] != '\0')
        gw_buf_printf(out, "  hint: %s\n", e->hint);
}

#endif
