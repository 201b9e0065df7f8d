/*
 * sql/word - the few words by which the structure of a statement is told, looked up in any case.
 *
 * Whether a word is meant as one of these depends on where it stands; that is its reader's business.
 */
#ifndef GW_SQL_WORD_H
#define GW_SQL_WORD_H

#include "base/str.h"

typedef enum gw_word {
    GW_WORD_NAME, /* none of those below */
    GW_WORD_AGGREGATE,
    GW_WORD_ALTER,
    GW_WORD_AS,
    GW_WORD_ATOMIC,
    GW_WORD_BEGIN,
    GW_WORD_CASE,
    GW_WORD_CHARACTER,
    GW_WORD_CONTINUE,
    GW_WORD_COPY,
    GW_WORD_CREATE,
    GW_WORD_DECLARE,
    GW_WORD_DEFINER,
    GW_WORD_DO,
    GW_WORD_EACH,
    GW_WORD_ELSE,
    GW_WORD_END,
    GW_WORD_EVENT,
    GW_WORD_EXPLAIN,
    GW_WORD_FOR,
    GW_WORD_FROM,
    GW_WORD_FUNCTION,
    GW_WORD_HANDLER,
    GW_WORD_IF,
    GW_WORD_LOOP,
    GW_WORD_NOT,
    GW_WORD_ON,
    GW_WORD_OR,
    GW_WORD_PRECEDES, /* FOLLOWS too */
    GW_WORD_PROCEDURE,
    GW_WORD_REPEAT,
    GW_WORD_REPLACE,
    GW_WORD_RETURNS,
    GW_WORD_ROW,
    GW_WORD_RULE,
    GW_WORD_SELECT,
    GW_WORD_SET,
    GW_WORD_SQLSTATE,
    GW_WORD_STDIN,
    GW_WORD_TEMPORARY, /* TEMP too */
    GW_WORD_THEN,
    GW_WORD_TRIGGER,
    GW_WORD_UNTIL,
    GW_WORD_VALUE,
    GW_WORD_WHEN,
    GW_WORD_WHILE,
    GW_WORD_OPERATOR, /* one that an operand follows and that no dialect takes for a name: AND, BETWEEN, WHERE … */
    GW_WORD_VERB      /* one that begins a statement within a MySQL body, and is none of the above */
} gw_word;

gw_word gw_word_of(gw_str text); /* not empty */

/* Does an operand always follow: would a word behind this one be a name, even if it reads END? */
bool gw_word_wants_operand(gw_word word);
/* Does it begin a plain statement in a MySQL body: one that ends at the next semicolon? */
bool gw_word_is_verb(gw_word word);

#endif
