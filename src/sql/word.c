#include "sql/word.h"

#include <assert.h>

enum { WANTS_OPERAND = 1, IS_VERB = 2 };

typedef struct row {
    const char *text;
    gw_word word;
} row;

#define OPERATOR(text)                                                                                                 \
    {                                                                                                                  \
        text, GW_WORD_OPERATOR                                                                                         \
    }
#define VERB(text)                                                                                                     \
    {                                                                                                                  \
        text, GW_WORD_VERB                                                                                             \
    }
#define LAST                                                                                                           \
    {                                                                                                                  \
        NULL, GW_WORD_NAME                                                                                             \
    }

/* By the first letter. */
static const row *const rows[26] = {
    ['A' - 'A'] = (const row[]){{"AS", GW_WORD_AS},
                                OPERATOR("AND"),
                                {"ALTER", GW_WORD_ALTER},
                                {"ATOMIC", GW_WORD_ATOMIC},
                                VERB("ANALYZE"),
                                {"AGGREGATE", GW_WORD_AGGREGATE},
                                LAST},
    ['B' - 'A'] = (const row[]){{"BEGIN", GW_WORD_BEGIN}, OPERATOR("BETWEEN"), VERB("BACKUP"), VERB("BINLOG"), LAST},
    ['C' - 'A'] = (const row[]){{"CASE", GW_WORD_CASE},
                                {"CREATE", GW_WORD_CREATE},
                                {"COPY", GW_WORD_COPY},
                                {"CHARACTER", GW_WORD_CHARACTER},
                                {"CHAR", GW_WORD_CHARACTER},
                                {"CONTINUE", GW_WORD_CONTINUE},
                                VERB("CALL"),
                                VERB("COMMIT"),
                                VERB("CLOSE"),
                                VERB("CHECK"),
                                VERB("CHECKSUM"),
                                VERB("CHANGE"),
                                VERB("CACHE"),
                                LAST},
    ['D' - 'A'] = (const row[]){{"DO", GW_WORD_DO},
                                {"DECLARE", GW_WORD_DECLARE},
                                {"DEFINER", GW_WORD_DEFINER},
                                VERB("DELETE"),
                                VERB("DROP"),
                                VERB("DEALLOCATE"),
                                VERB("DESCRIBE"),
                                VERB("DESC"),
                                OPERATOR("DISTINCT"),
                                LAST},
    ['E' - 'A'] = (const row[]){{"END", GW_WORD_END},
                                {"ELSE", GW_WORD_ELSE},
                                {"EACH", GW_WORD_EACH},
                                {"EVENT", GW_WORD_EVENT},
                                {"EXIT", GW_WORD_CONTINUE},
                                {"EXPLAIN", GW_WORD_EXPLAIN},
                                VERB("EXECUTE"),
                                LAST},
    ['F' - 'A'] = (const row[]){{"FROM", GW_WORD_FROM},
                                {"FOR", GW_WORD_FOR},
                                {"FUNCTION", GW_WORD_FUNCTION},
                                {"FOLLOWS", GW_WORD_PRECEDES},
                                VERB("FETCH"),
                                VERB("FLUSH"),
                                LAST},
    ['G' - 'A'] = (const row[]){VERB("GRANT"), VERB("GET"), LAST},
    ['H' - 'A'] = (const row[]){{"HANDLER", GW_WORD_HANDLER}, OPERATOR("HAVING"), VERB("HELP"), LAST},
    ['I' - 'A'] = (const row[]){{"IF", GW_WORD_IF},
                                OPERATOR("IN"),
                                OPERATOR("IS"),
                                VERB("INSERT"),
                                VERB("ITERATE"),
                                VERB("INSTALL"),
                                VERB("IMPORT"),
                                LAST},
    ['K' - 'A'] = (const row[]){VERB("KILL"), LAST},
    ['L' - 'A'] = (const row[]){{"LOOP", GW_WORD_LOOP}, VERB("LEAVE"), VERB("LOCK"), VERB("LOAD"), LAST},
    ['N' - 'A'] = (const row[]){{"NOT", GW_WORD_NOT}, LAST},
    ['O' - 'A'] = (const row[]){{"ON", GW_WORD_ON}, {"OR", GW_WORD_OR}, VERB("OPEN"), VERB("OPTIMIZE"), LAST},
    ['P' - 'A'] =
        (const row[]){
            {"PROCEDURE", GW_WORD_PROCEDURE}, {"PRECEDES", GW_WORD_PRECEDES}, VERB("PREPARE"), VERB("PURGE"), LAST},
    ['R' - 'A'] = (const row[]){{"REPEAT", GW_WORD_REPEAT},
                                {"REPLACE", GW_WORD_REPLACE},
                                {"RETURNS", GW_WORD_RETURNS},
                                {"ROW", GW_WORD_ROW},
                                {"RULE", GW_WORD_RULE},
                                VERB("RETURN"),
                                VERB("RENAME"),
                                VERB("REVOKE"),
                                VERB("ROLLBACK"),
                                VERB("RELEASE"),
                                VERB("RESIGNAL"),
                                VERB("REPAIR"),
                                VERB("RESET"),
                                VERB("RESTART"),
                                LAST},
    ['S' - 'A'] = (const row[]){{"SET", GW_WORD_SET},
                                {"SELECT", GW_WORD_SELECT},
                                {"STDIN", GW_WORD_STDIN},
                                VERB("SIGNAL"),
                                VERB("SHOW"),
                                VERB("SAVEPOINT"),
                                VERB("START"),
                                VERB("STOP"),
                                VERB("SHUTDOWN"),
                                {"SQLSTATE", GW_WORD_SQLSTATE},
                                LAST},
    ['T' - 'A'] = (const row[]){{"THEN", GW_WORD_THEN},
                                {"TRIGGER", GW_WORD_TRIGGER},
                                VERB("TRUNCATE"),
                                VERB("TABLE"),
                                {"TEMPORARY", GW_WORD_TEMPORARY},
                                {"TEMP", GW_WORD_TEMPORARY},
                                LAST},
    ['U' - 'A'] = (const row[]){VERB("UPDATE"),
                                {"UNTIL", GW_WORD_UNTIL},
                                {"UNDO", GW_WORD_CONTINUE},
                                VERB("USE"),
                                VERB("UNLOCK"),
                                VERB("UNINSTALL"),
                                LAST},
    ['V' - 'A'] = (const row[]){{"VALUE", GW_WORD_VALUE}, VERB("VALUES"), LAST},
    ['W' - 'A'] =
        (const row[]){{"WHEN", GW_WORD_WHEN}, OPERATOR("WHERE"), {"WHILE", GW_WORD_WHILE}, VERB("WITH"), LAST},
    ['X' - 'A'] = (const row[]){VERB("XA"), LAST},
};

static const uint8_t traits[] = {
    [GW_WORD_ALTER] = IS_VERB,      [GW_WORD_AS] = WANTS_OPERAND,
    [GW_WORD_CASE] = WANTS_OPERAND, [GW_WORD_CREATE] = IS_VERB,
    [GW_WORD_DO] = IS_VERB,         [GW_WORD_ELSE] = WANTS_OPERAND,
    [GW_WORD_EXPLAIN] = IS_VERB,    [GW_WORD_FROM] = WANTS_OPERAND,
    [GW_WORD_HANDLER] = IS_VERB,    [GW_WORD_NOT] = WANTS_OPERAND,
    [GW_WORD_ON] = WANTS_OPERAND,   [GW_WORD_OR] = WANTS_OPERAND,
    [GW_WORD_REPLACE] = IS_VERB,    [GW_WORD_SELECT] = WANTS_OPERAND | IS_VERB,
    [GW_WORD_SET] = IS_VERB,        [GW_WORD_THEN] = WANTS_OPERAND,
    [GW_WORD_WHEN] = WANTS_OPERAND, [GW_WORD_OPERATOR] = WANTS_OPERAND,
    [GW_WORD_VERB] = IS_VERB,
};

/* Row texts are letters, so that the bit of the case alone is hidden. */
static bool
same(const char *upper, gw_str text)
{
    size_t i = 0;
    while (i < text.len && upper[i] != '\0' && (upper[i] | 0x20) == (text.ptr[i] | 0x20))
        i++;
    return i == text.len && upper[i] == '\0';
}

gw_word
gw_word_of(gw_str text)
{
    assert(text.len > 0);
    const unsigned letter = ((unsigned char)text.ptr[0] | 0x20u) - 'a';
    if (letter >= 26 || rows[letter] == NULL)
        return GW_WORD_NAME;
    for (const row *r = rows[letter]; r->text != NULL; r++)
        if (same(r->text, text))
            return r->word;
    return GW_WORD_NAME;
}

bool
gw_word_wants_operand(gw_word word)
{
    return (traits[word] & WANTS_OPERAND) != 0;
}

bool
gw_word_is_verb(gw_word word)
{
    return (traits[word] & IS_VERB) != 0;
}
