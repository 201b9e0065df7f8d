/*
 * migration/expand - ${NAME} in a text becomes what a variable says.
 *
 *     ${NAME}            an error where it is not set
 *     ${NAME:-default}   the default where it is not set, or empty
 *     ${NAME-default}    the default where it is not set
 *     ${NAME?message}    an error with this message where it is not set
 *
 * Lines that are `--` comments stay as they are. What is expanded remembers where it came from: errors show the file as it is, and no
 * value. Pure: who knows the variables gives a function.
 */
#ifndef GW_MIGRATION_EXPAND_H
#define GW_MIGRATION_EXPAND_H

#include "migration/frame.h"

typedef struct gw_variables {
    const char *(*get)(const void *ctx, gw_str name); /* NULL: it is not set */
    const void *ctx;
} gw_variables;

typedef struct gw_replaced { /* one reference, and what stands in its place */
    gw_span source, text;
} gw_replaced;

typedef struct gw_expanded {
    gw_str source, text;
    gw_vec(gw_replaced) all; /* ascending */
} gw_expanded;

typedef struct gw_expand_params {
    const char *path; /* for error positions */
    gw_str text;
    const gw_spans *spans; /* ascending; nothing else is expanded */
    gw_variables variables;
} gw_expand_params;

/* GODWIT_FOLDER with position: not set, or no reference of this form. */
GW_CHECKED gw_rc gw_expand(gw_arena *a, const gw_expand_params *p, gw_expanded *out, gw_err *e);

size_t gw_expanded_from(const gw_expanded *x, size_t in_text); /* where in the source; x NULL: the same place */
size_t gw_expanded_to(const gw_expanded *x, size_t in_source); /* where in the text */
/* Of the source, what became this part of the text. */
gw_str gw_expanded_source(const gw_expanded *x, gw_str text, size_t from, size_t to);
/* gw_err_at() in the source of the text, which is `text` itself where x is NULL. */
gw_rc gw_expanded_at(gw_err *e, const char *path, const gw_expanded *x, gw_str text, size_t in_text);
/* An error that has a place in the text gets that in the source. */
gw_rc gw_expanded_place(gw_err *e, const gw_expanded *x);

#endif
