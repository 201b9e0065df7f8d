/*
 * workflow/remains - what an attempt that did not end left: which statements are kept, and whether the one that was under way happened.
 *
 * The row of the history is compared with the file (migration/progress) and, for a statement outside a transaction, with the objects in
 * the database (migration/verdict). Writes nothing.
 */
#ifndef GW_WORKFLOW_REMAINS_H
#define GW_WORKFLOW_REMAINS_H

#include "migration/progress.h"
#include "migration/verdict.h"
#include "workflow/session.h"

typedef struct gw_remains {
    gw_progress progress;
    size_t recorded;     /* statements that the row calls done */
    size_t done;         /* those that are, once judged */
    bool was_under_way;  /* statement `recorded` was */
    gw_verdict verdict;  /* of it; UNKNOWN until judged */
    const char *finding; /* about it, for people: "table users: absent before, there now"; NULL nothing */
} gw_remains;

/* The row against the file. GODWIT_FOLDER: the script does not begin with what was kept; the error names the statement. */
GW_CHECKED gw_rc gw_remains_read(gw_arena *a, const gw_script *script, const gw_record *r, gw_remains *out, gw_err *e);
/* The row against the database. The session must be as the kept statements left it. */
GW_CHECKED gw_rc gw_remains_judge(gw_arena *a, gw_session *s, const gw_script *script, gw_remains *m, gw_err *e);
/* GODWIT_FAILED when the verdict is not known: what was found, and how to settle it. */
GW_CHECKED gw_rc gw_remains_check(const gw_remains *m, const gw_script *script, const gw_record *r, gw_err *e);

/* The statement that was under way, noted in the report's list of statements. */
GW_CHECKED gw_rc gw_remains_report(gw_arena *a, gw_session *s, const gw_script *script, const gw_record *r, gw_err *e);

#endif
