/*
 * sql/shape - what a statement's first words say about where it ends.
 *
 * Most end at the next semicolon. The others have a body (routines, triggers, events: sql/block follows it), a list of statements in
 * parentheses (PostgreSQL's rules), or data behind them (COPY … FROM stdin). Fed with the tokens of a statement, one by one.
 */
#ifndef GW_SQL_SHAPE_H
#define GW_SQL_SHAPE_H

#include "sql/block.h"

typedef struct gw_shape {
    gw_dialect_kind dialect;
    uint8_t step;
    bool plain;    /* nothing more to learn: it ends at the next semicolon, and need not be fed */
    bool simple;   /* so its first word said already: nothing in it could be a body */
    bool has_list; /* a rule: semicolons in parentheses belong to it */
    bool has_data; /* COPY … FROM stdin */
    gw_blocks blocks;
    /* The last token, as far as the next needs it. */
    gw_word previous;
    uint32_t previous_offset;
    char last;
    bool operand, dot, skip;
} gw_shape;

void gw_shape_start(gw_shape *s, gw_dialect_kind dialect); /* keeps the memory of the blocks */
/* `depth` of parentheses around the token; executable comments are looked through, their marks are not fed. */
void gw_shape_feed(gw_arena *a, gw_shape *s, gw_token t, uint32_t offset, uint32_t depth);
/* At a semicolon outside parentheses, or at the end of the text: the block that keeps the statement open, or NULL. */
const gw_block *gw_shape_open_block(gw_shape *s);

#endif
