/*
 * base/git - ask the git program on PATH.
 *
 * Names and refs come from elsewhere: they reach the shell as the value of a variable, never as its text. Paths are taken literally. In a
 * hook of a linked work tree git says where its repository is, and then takes whatever folder it is called in for the top of the work
 * tree: that is put right here, so that the question may be asked in any folder.
 */
#ifndef GW_BASE_GIT_H
#define GW_BASE_GIT_H

#include "base/err.h"
#include "base/interrupt.h"

typedef struct gw_git {
    const char *folder;            /* where it is asked; NULL: where we are */
    const char *index;             /* of a file to use as the index; NULL: that of the repository */
    const gw_interrupt *interrupt; /* NULL: nobody can end it */
} gw_git;

/* What stands behind `git ` on a line of the shell, "$GODWIT_ARGUMENT" in it for `argument` (may be NULL). *output is what it prints,
 * without the last line break. GODWIT_IO: it failed, or there is no git; GODWIT_INTERRUPTED. */
GW_CHECKED gw_rc gw_git_ask(gw_arena *a, const gw_git *git, const char *words, const char *argument, gw_str input,
                            gw_str *output, gw_err *e);
/* The same for an answer of one line. */
GW_CHECKED gw_rc gw_git_line(gw_arena *a, const gw_git *git, const char *words, const char *argument, const char **out,
                             gw_err *e);
/* Why it did not answer: GODWIT_IO there is no git, GODWIT_USAGE the folder is in no repository; GODWIT_OK: neither. */
GW_CHECKED gw_rc gw_git_check(const gw_git *git, gw_err *e);

#endif
