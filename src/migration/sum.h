/*
 * migration/sum - the sum file of a folder: what its files are called, what they hold, and in which order they come.
 *
 *     h1:g9JcKwKHRuGXB8+Wvjjf+f2NzKh+R5nf01AWteI51E8=
 *     0001_users.sql h1:KPYkcSLH8cE4AL6nhZXW7WbvpA5lkEOtTvphn2WF3EI=
 *
 * The format is that of atlas.sum, byte by byte. One SHA-256 runs over the name and the bytes of every file, in order, and the line of
 * a file is what it is after that file: it covers all files before it too. The first line is the SHA-256 of the lines. A file whose first
 * line says `atlas:sum ignore` has no line, and of its bytes only the name counts.
 *
 * Pure. What a folder's files and their order are is the layout's to say.
 */
#ifndef GW_MIGRATION_SUM_H
#define GW_MIGRATION_SUM_H

#include "base/err.h"
#include "base/hash.h"
#include "base/vec.h"

typedef struct gw_sum_line {
    const char *name;
    const char *hash; /* base64, without "h1:" */
} gw_sum_line;

typedef struct gw_sum {
    gw_arena *arena;
    gw_sha256 *running; /* over the files so far */
    gw_vec(gw_sum_line) lines;
} gw_sum;

void gw_sum_begin(gw_arena *a, gw_sum *out);
/* The next file: its name in the sum, and its bytes as they are. */
void gw_sum_add(gw_sum *sum, const char *name, gw_str bytes);
/* The whole file, to be written. */
char *gw_sum_text(gw_arena *a, const gw_sum *sum);
bool gw_sum_is_ignored(gw_str bytes);

/* Read a sum file; line i is in line i + 2 of the text. GODWIT_FOLDER with position: what is no line of a sum file, a name twice, a first
 * line that does not belong to the others (a merge, or somebody's hand). */
GW_CHECKED gw_rc gw_sum_read(gw_arena *a, const char *path, gw_str text, gw_sum *out, gw_err *e);

#endif
