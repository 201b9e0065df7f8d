#include "sql/block.h"

/* Steps through DECLARE … HANDLER FOR condition, … statement. */
typedef enum handler_step {
    NO_HANDLER,
    AFTER_DECLARE,
    AFTER_ACTION, /* CONTINUE, EXIT, UNDO */
    AFTER_HANDLER,
    AT_CONDITION,
    AFTER_CONDITION
} handler_step;

typedef struct opener {
    gw_word word;
    gw_block_kind kind;
    bool opens_statement; /* what follows the word is a statement, not a condition */
} opener;

static const opener openers[] = {
    {GW_WORD_BEGIN, GW_BLOCK_BEGIN, true},  {GW_WORD_IF, GW_BLOCK_IF, false},
    {GW_WORD_CASE, GW_BLOCK_CASE, false},   {GW_WORD_LOOP, GW_BLOCK_LOOP, true},
    {GW_WORD_WHILE, GW_BLOCK_WHILE, false}, {GW_WORD_REPEAT, GW_BLOCK_REPEAT, true},
    {GW_WORD_FOR, GW_BLOCK_FOR, false},
};

static const struct {
    const char *name, *end;
} names[] = {
    [GW_BLOCK_BEGIN] = {"BEGIN", "END"},       [GW_BLOCK_IF] = {"IF", "END IF"},
    [GW_BLOCK_CASE] = {"CASE", "END CASE"},    [GW_BLOCK_LOOP] = {"LOOP", "END LOOP"},
    [GW_BLOCK_WHILE] = {"WHILE", "END WHILE"}, [GW_BLOCK_REPEAT] = {"REPEAT", "END REPEAT"},
    [GW_BLOCK_FOR] = {"FOR", "END FOR"},       [GW_BLOCK_UNTIL] = {"REPEAT", "END REPEAT"},
    [GW_BLOCK_EXPRESSION] = {"CASE", "END"},
};

static const opener *
opener_of(const gw_blocks *b, gw_word word)
{
    for (size_t i = 0; i < (b->compound ? sizeof(openers) / sizeof(openers[0]) : 1); i++)
        if (openers[i].word == word)
            return &openers[i];
    return NULL;
}

static void
push(gw_arena *a, gw_blocks *b, gw_block_kind kind, const gw_cue *cue)
{
    *gw_vec_push(a, &b->open) = (gw_block){kind, cue->offset, cue->depth};
}

/* Is the innermost block one of these, opened outside the parentheses that are open here? */
static bool
within(const gw_blocks *b, const gw_cue *cue, gw_block_kind one, gw_block_kind other)
{
    if (b->open.len == 0)
        return false;
    const gw_block *const top = &b->open.at[b->open.len - 1];
    return (top->kind == one || top->kind == other) && top->depth == cue->depth;
}

/*
 * Close the innermost block of this kind and all within it. When there is none the text is wrong: nothing stays open, so
 * that the statement ends soon and the server says what it thinks of it. Either way each block is looked at once.
 */
static void
close_block(gw_blocks *b, gw_block_kind kind)
{
    while (b->open.len > 0) {
        const gw_block_kind closed = b->open.at[--b->open.len].kind;
        if (closed == kind || (closed == GW_BLOCK_UNTIL && kind == GW_BLOCK_REPEAT))
            return;
    }
}

/* The token behind END: END IF, END LOOP name, END name, END. Says whether the token belongs to the END. */
static bool
settle_end(gw_blocks *b, gw_word word)
{
    if (!b->ended)
        return false;
    b->ended = false;
    const opener *const o = opener_of(b, word);
    close_block(b, o == NULL ? GW_BLOCK_BEGIN : o->kind);
    return o != NULL;
}

static void
feed_statement(gw_arena *a, gw_blocks *b, const gw_cue *cue)
{
    const opener *const o = opener_of(b, cue->word);
    b->at_statement = false;
    if (o != NULL) {
        push(a, b, o->kind, cue);
        b->at_statement = o->opens_statement;
    } else if (cue->word == GW_WORD_ATOMIC || cue->word == GW_WORD_NOT || cue->word == GW_WORD_ELSE) {
        b->at_statement = true; /* of BEGIN [NOT] ATOMIC, and between the branches of IF and CASE */
    } else if (cue->word == GW_WORD_END) {
        b->ended = true;
    } else if (cue->word == GW_WORD_UNTIL && within(b, cue, GW_BLOCK_REPEAT, GW_BLOCK_REPEAT)) {
        b->open.at[b->open.len - 1].kind = GW_BLOCK_UNTIL;
    } else if (b->compound) {
        b->handler = cue->word == GW_WORD_DECLARE ? AFTER_DECLARE : NO_HANDLER;
        b->at_label = cue->kind == GW_TOKEN_WORD || cue->kind == GW_TOKEN_QUOTED;
    }
}

static void
feed_expression(gw_arena *a, gw_blocks *b, const gw_cue *cue)
{
    if (b->at_label && cue->first == ':') {
        b->at_label = false;
        b->at_statement = true;
        return;
    }
    b->at_label = false;
    if (cue->word == GW_WORD_CASE && cue->previous != GW_WORD_AS)
        push(a, b, GW_BLOCK_EXPRESSION, cue);
    else if (cue->word == GW_WORD_END && cue->operand && within(b, cue, GW_BLOCK_EXPRESSION, GW_BLOCK_EXPRESSION))
        b->open.len--;
    else if (cue->word == GW_WORD_END && cue->operand && within(b, cue, GW_BLOCK_UNTIL, GW_BLOCK_UNTIL))
        b->ended = true;
    else if (cue->word == GW_WORD_THEN && within(b, cue, GW_BLOCK_IF, GW_BLOCK_CASE))
        b->at_statement = true;
    else if (cue->word == GW_WORD_DO && within(b, cue, GW_BLOCK_WHILE, GW_BLOCK_FOR))
        b->at_statement = true;
}

/* Says whether the token belongs to the declaration of the handler, not to its statement. */
static bool
feed_handler(gw_blocks *b, const gw_cue *cue)
{
    static const gw_word expected[] = {
        [AFTER_DECLARE] = GW_WORD_CONTINUE, [AFTER_ACTION] = GW_WORD_HANDLER, [AFTER_HANDLER] = GW_WORD_FOR};
    if (b->handler == NO_HANDLER)
        return false;
    if (b->handler < AT_CONDITION) {
        b->handler = cue->word == expected[b->handler] ? (uint8_t)(b->handler + 1) : NO_HANDLER;
    } else if (b->handler == AT_CONDITION) {
        const bool goes_on = cue->word == GW_WORD_SQLSTATE || cue->word == GW_WORD_VALUE || cue->word == GW_WORD_NOT;
        b->handler = goes_on ? AT_CONDITION : AFTER_CONDITION;
    } else if (cue->first == ',') {
        b->handler = AT_CONDITION;
    } else {
        b->handler = NO_HANDLER;
        b->at_statement = true;
        return false;
    }
    b->at_label = false;
    return b->handler != NO_HANDLER;
}

void
gw_blocks_start(gw_blocks *b, bool compound)
{
    b->open.len = 0;
    b->compound = compound;
    b->at_statement = true;
    b->at_label = b->ended = false;
    b->handler = NO_HANDLER;
}

void
gw_blocks_feed(gw_arena *a, gw_blocks *b, const gw_cue *cue)
{
    if (settle_end(b, cue->word) || feed_handler(b, cue))
        return;
    if (b->at_statement)
        feed_statement(a, b, cue);
    else
        feed_expression(a, b, cue);
}

const gw_block *
gw_blocks_statement_end(gw_blocks *b)
{
    (void)settle_end(b, GW_WORD_NAME);
    while (b->open.len > 0 && b->open.at[b->open.len - 1].kind == GW_BLOCK_EXPRESSION)
        b->open.len--; /* an expression does not outlive its statement */
    b->at_statement = true;
    b->at_label = false;
    b->handler = NO_HANDLER;
    return b->open.len == 0 ? NULL : &b->open.at[0];
}

const char *
gw_block_name(gw_block_kind kind)
{
    return names[kind].name;
}

const char *
gw_block_end(gw_block_kind kind)
{
    return names[kind].end;
}
