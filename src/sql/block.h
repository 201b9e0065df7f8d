/*
 * sql/block - which BEGIN, IF, CASE, LOOP … are open in the body of a routine, trigger or event.
 *
 * Fed with the tokens of a body, one by one. The same words also stand in expressions and as names: IF(), REPEAT(),
 * CASE … END, a column called end. What tells them apart is where they stand: a block begins and ends where a
 * statement could begin, a CASE expression ends behind an operand.
 */
#ifndef GW_SQL_BLOCK_H
#define GW_SQL_BLOCK_H

#include "base/vec.h"
#include "sql/lex.h"
#include "sql/word.h"

/* A token as its surroundings show it. */
typedef struct gw_cue {
    gw_token_kind kind;
    char first;       /* its first byte */
    gw_word word;     /* NAME unless it is a bare word, and not behind a dot */
    gw_word previous; /* the word before it, NAME if that is none */
    bool operand;     /* the token before it ends an operand */
    uint32_t offset;  /* of the token in the text */
    uint32_t depth;   /* of parentheses around it */
} gw_cue;

typedef enum gw_block_kind {
    GW_BLOCK_BEGIN,
    GW_BLOCK_IF,
    GW_BLOCK_CASE,
    GW_BLOCK_LOOP,
    GW_BLOCK_WHILE,
    GW_BLOCK_REPEAT,
    GW_BLOCK_FOR,
    GW_BLOCK_UNTIL,     /* the condition of a REPEAT */
    GW_BLOCK_EXPRESSION /* CASE … END */
} gw_block_kind;

typedef struct gw_block {
    gw_block_kind kind;
    uint32_t offset, depth; /* of the word that opened it */
} gw_block;

typedef struct gw_blocks {
    gw_vec(gw_block) open;
    bool compound;     /* MySQL: IF, LOOP … are blocks too, labels and handlers exist */
    bool at_statement; /* the next token begins a statement */
    bool at_label;     /* the last token may have been a label */
    bool ended;        /* the last token was the END of a block; what follows tells of which */
    uint8_t handler;   /* how far a DECLARE … HANDLER was read */
} gw_blocks;

/* Nothing open, at the beginning of a statement. Keeps the memory. */
void gw_blocks_start(gw_blocks *b, bool compound);
void gw_blocks_feed(gw_arena *a, gw_blocks *b, const gw_cue *cue);
/* A semicolon, or the end of the text: the outermost block that is still open, NULL when there is none. */
const gw_block *gw_blocks_statement_end(gw_blocks *b);

const char *gw_block_name(gw_block_kind kind); /* "BEGIN" */
const char *gw_block_end(gw_block_kind kind);  /* "END IF" */

#endif
