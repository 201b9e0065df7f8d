/*
 * migration/progress - what the history's column `fingerprint` says about a migration that is not ended: which
 * statements are kept, and which one was about to run.
 *
 * Blank-separated words, so that people can read it:
 *     PREFIX [each=DIGITS] [next=DIGEST before=STATE,STATE…]
 * PREFIX is gw_script_prefix() of the kept statements. each= has 8 hex digits for every kept statement (of its
 * SHA-256), as long as there are at most GW_PROGRESS_EACH of them: a changed one can be named then. next= is the
 * SHA-256 of the statement that was about to run outside a transaction, before= the states of the objects that it is
 * about, in the order of gw_effect.targets, as the server saw them before; "entered" in their place: what the statement
 * did may have been kept in part. Pure.
 */
#ifndef GW_MIGRATION_PROGRESS_H
#define GW_MIGRATION_PROGRESS_H

#include "migration/script.h"

enum { GW_PROGRESS_EACH = 256 };

/* Points into the text. */
typedef struct gw_progress {
    gw_str prefix;
    gw_str each; /* empty: not kept */
    gw_str next; /* empty: nothing was about to run */
    gw_vec(gw_str) before;
    bool entered;
} gw_progress;

/* Never fails; what it does not understand stays empty. NULL text: everything is empty. */
void gw_progress_read(gw_arena *a, const char *text, gw_progress *out);

/* The words for `done` kept statements; with `next`, also for the one that follows them: the text ends with "before="
 * then, and the states are to be appended. `prefix` remembers on a. */
char *gw_progress_text(gw_arena *a, const gw_script *s, gw_prefix *prefix, size_t done, bool next);

/* Does the script still begin with the `done` statements that were kept? SIZE_MAX: yes. Otherwise the index of the
 * first that was changed; stmts.len, which is less than `done`, when the script became too short; `done` when nobody
 * can say which, also when nothing was written down. */
size_t gw_progress_changed(gw_arena *a, const gw_progress *p, const gw_script *s, size_t done);

/* Is statement `index` the one that was about to run, unchanged? */
bool gw_progress_is_next(gw_arena *a, const gw_progress *p, const gw_script *s, size_t index);

#endif
