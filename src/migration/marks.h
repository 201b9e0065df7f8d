/*
 * migration/marks - frames of layouts that tell the ways of a file apart by lines that are comments: `-- migrate:up`, `-- +goose Down`.
 *
 * A line is a mark wherever it stands, in a string too: that is how the tools read it. What differs between them is a table of words
 * and a few habits. What stands above the first mark belongs to both ways, and may only be comments: a directive there is the file's.
 * Pure.
 */
#ifndef GW_MIGRATION_MARKS_H
#define GW_MIGRATION_MARKS_H

#include "migration/layout.h"

typedef enum gw_mark_kind {
    GW_MARK_UP,
    GW_MARK_DOWN,
    GW_MARK_BEGIN, /* of a statement, whatever it holds */
    GW_MARK_END,
    GW_MARK_NO_TX, /* of the whole file, or of its way */
    GW_MARK_EXPAND,
    GW_MARK_EXPAND_OFF,
    GW_MARK_UNKNOWN /* looks like one */
} gw_mark_kind;

typedef struct gw_mark {
    gw_mark_kind kind;
    gw_str options; /* what follows its words; a view into the line */
} gw_mark;

typedef struct gw_mark_words {
    const char *words; /* "Up" */
    gw_mark_kind kind;
} gw_mark_words;

typedef struct gw_marking gw_marking;
struct gw_marking {
    const char *tool;
    /* Is the line, without its end, a mark? gw_marks_read() for those whose words follow a prefix. */
    bool (*read)(const gw_marking *m, gw_str line, gw_mark *out);
    const char *prefix; /* "-- migrate:" */
    bool any_blanks;    /* behind the dashes of the prefix */
    bool any_case;
    const gw_mark_words *words; /* behind the prefix; the last one's are NULL */
    const char *up, *down;      /* the two marks, for messages */
    const char *no_tx, *tx;     /* options of a section; NULL: there is none */
    const char *no_tx_line;     /* a line that says it; NULL: there is none */
    bool implies_up;            /* what stands above the first mark is the way up */
    bool may_lack;              /* a file without marks is a way up */
    bool up_first;              /* a way down has one up above it */
    bool needs_up, needs_down;
    bool is_twofold;   /* one section for each way */
    bool no_tx_by_way; /* GW_MARK_NO_TX is of the way in which it stands */
    bool reverses;     /* the way down runs its sections from the last to the first */
    bool is_uniform;   /* all sections of a way say the same of their transaction */
};

bool gw_marks_read(const gw_marking *m, gw_str text, gw_mark *out);
/* A gw_frame_fn but for its first parameter. */
GW_CHECKED gw_rc gw_marks_frame(gw_arena *a, const gw_marking *m, const gw_frame_params *p, gw_frame *out, gw_err *e);
/* For rows with `marking`: the first of the tree's heads that l->read() reads as an up file and that has a mark of one of the ways; NULL: none has. */
const char *gw_marks_claims(gw_arena *a, const gw_layout *l, const gw_tree *t);
/* One file with both ways; without the mark of a way down where none is wanted and it may be missing. */
GW_CHECKED gw_rc gw_marks_make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out,
                               gw_err *e);

#endif
