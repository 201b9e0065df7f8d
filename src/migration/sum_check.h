/*
 * migration/sum_check - what differs between a sum file and the files of its folder.
 *
 * The files are shown one after the other, in the order of the layout. A line covers all files before its own, so what is behind an edited or
 * removed file cannot be judged any more: it is left out, and the problem says so. Not so behind an added one, and behind one whose line
 * ends or byte order mark were changed, as git does by itself: that is tried, and called by its name.
 */
#ifndef GW_MIGRATION_SUM_CHECK_H
#define GW_MIGRATION_SUM_CHECK_H

#include "migration/sum.h"

typedef enum gw_sum_difference {
    GW_SUM_ADDED,   /* no line in the sum */
    GW_SUM_REMOVED, /* a line, and no file */
    GW_SUM_EDITED,
    GW_SUM_LINE_ENDS, /* LF in the sum is CRLF now, or the other way round */
    GW_SUM_MARK,      /* a byte order mark at its beginning is there, or is not */
    GW_SUM_REORDERED  /* the lines are in another order than the files */
} gw_sum_difference;

typedef struct gw_sum_problem {
    gw_sum_difference difference;
    const char *name;
    unsigned line;   /* in the sum file; of an added one: where its line would be */
    bool is_last;    /* added: behind all that the sum knows */
    bool hides_more; /* what is behind it could not be judged */
} gw_sum_problem;
typedef gw_vec(gw_sum_problem) gw_sum_problems;

typedef struct gw_sum_check gw_sum_check;

gw_sum_check *gw_sum_check_new(gw_arena *a, const gw_sum *recorded);
void gw_sum_check_add(gw_sum_check *check, const char *name, gw_str bytes);
/* In the order of the files; empty: they agree. */
void gw_sum_check_end(gw_sum_check *check, gw_sum_problems *out);

/* "was edited", with what to say behind a file's name */
const char *gw_sum_difference_text(gw_sum_difference d);

#endif
