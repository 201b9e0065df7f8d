/*
 * migration/frame - what of a file's text is run, one way, and what the marks of its layout say of it.
 *
 * Layouts keep both ways in one file, or tell statements apart by marks of their own. A frame is a copy of the text in which everything
 * else is blank: lines and columns stay what they are in the file, and what reads SQL need not know of layouts.
 * Pure.
 */
#ifndef GW_MIGRATION_FRAME_H
#define GW_MIGRATION_FRAME_H

#include "migration/directive.h"

typedef struct gw_span {
    size_t from, to; /* bytes of the text */
} gw_span;
typedef gw_vec(gw_span) gw_spans;

typedef struct gw_frame_params {
    const char *path;          /* for error positions */
    gw_str text;               /* the whole file */
    bool down;                 /* the way back */
    size_t section;            /* of several migrations in one file: which, from 0 */
    bool is_literal;           /* what looks like a placeholder is text */
    const gw_dialect *dialect; /* NULL: nobody knows yet, and only the checksum is asked for */
} gw_frame_params;

typedef struct gw_frame {
    bool is_there;     /* the file has this way; the rest is empty otherwise */
    bool may_be_empty; /* that nothing of it is run is meant so */
    bool is_part;      /* something else of the file is run otherwise: what is run here has a checksum of its own */
    gw_str text;       /* as long as the file's; blanks and line ends where something is not run */
    gw_tx_mode tx;     /* what the marks say; GW_TX_AUTO: nothing */
    gw_spans blocks;   /* ascending: the end of each is that of a statement, with a delimiter or without */
    gw_spans turns;    /* where the text is not run as it stands: its parts in the order in which they are */
    gw_spans expands;  /* ascending: within these ${NAME} is that of the environment */
} gw_frame;

/* GODWIT_FOLDER with position: a mark that is missing, comes twice, in the wrong place or with an option that nobody knows, and what the
 * layout can say that godwit does not do, by name. */
typedef gw_rc gw_frame_fn(gw_arena *a, const gw_frame_params *p, gw_frame *out, gw_err *e);

/* By the frame of a layout; NULL: the whole text is there, and run. */
GW_CHECKED gw_rc gw_frame_read(gw_arena *a, gw_frame_fn *fn, const gw_frame_params *p, gw_frame *out, gw_err *e);
/* SHA-256, hex, of what is run: of the whole file, so that `sha256sum` says the same; of a part, of its lines that are not blank, so that
 * the others may change. */
char *gw_frame_checksum(gw_arena *a, const gw_frame *f, gw_str file);
/* A copy of text that is blank outside of the spans, which ascend. */
gw_str gw_frame_mask(gw_arena *a, gw_str text, const gw_spans *kept);

#endif
