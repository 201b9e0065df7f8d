/*
 * base/err - how a function fails: a returned class, and an error that is filled once.
 *
 * A function that can fail returns gw_rc and takes a caller-owned, zeroed gw_err last. gw_fail() fills it where
 * the error is born and asserts that nobody did before; callers add notes and hints, never replace the message.
 * Nothing here allocates, prints or exits: failing cannot fail. Texts that do not fit are cut at a character.
 */
#ifndef GW_BASE_ERR_H
#define GW_BASE_ERR_H

#include <godwit.h>
#include <stdarg.h>

#include "base/str.h"

typedef godwit_rc gw_rc;
typedef godwit_error gw_err;

#define GW_CHECKED                     __attribute__((warn_unused_result))
#define GW_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/* Return early with the class of a call that failed. Only where every cleanup belongs to a scope. */
#define GW_TRY(call)                                                                                                   \
    do {                                                                                                               \
        const gw_rc gw_try_ = (call);                                                                                  \
        if (gw_try_ != GODWIT_OK)                                                                                      \
            return gw_try_;                                                                                            \
    } while (0)

/* Fill *e and return rc. Line breaks and control characters of the text become blanks, bytes that are not UTF-8 '?'. */
gw_rc gw_fail(gw_err *e, gw_rc rc, const char *format, ...) GW_PRINTF(3, 4);
gw_rc gw_vfail(gw_err *e, gw_rc rc, const char *format, va_list args) GW_PRINTF(3, 0);

/* Add a line of context. Returns e->rc, so that `return gw_err_note(e, …)` reads. */
gw_rc gw_err_note(gw_err *e, const char *format, ...) GW_PRINTF(2, 3);

/* Say the next step; the first hint stays. Returns e->rc. */
gw_rc gw_err_hint(gw_err *e, const char *format, ...) GW_PRINTF(2, 3);

/* Say where: `path`, and the byte `offset` (0-based) in its whole `text`; sets line, column, excerpt, caret. In the
 * excerpt control characters are blanks and stray bytes '?'. Returns e->rc. */
gw_rc gw_err_at(gw_err *e, const char *path, gw_str text, size_t offset);

/* Copy src into the fixed array dst, cut at a character boundary. */
void gw_err_copy(char *dst, size_t size, gw_str src);

#endif
