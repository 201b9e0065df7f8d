/*
 * sql/lex - a text into tokens, for each dialect; total and exact.
 *
 * Tokens follow one another without a gap: their lengths add up to the text, for every input. What cannot be
 * read is a token too, flagged: an unterminated string, comment or dollar body runs to the end of the text.
 * Works in place, allocates nothing. Keywords are not told from names here: that depends on where they stand.
 *
 * Sources: the lexical chapters of the PostgreSQL, MySQL, MariaDB and SQLite manuals; PostgreSQL's scan.l for where a comment
 * ends (CR too) and how an E'' string goes on after a line break; the mysql client for `--` between statements.
 * A multi-byte encoding in which a backslash can be the second byte of a character (SJIS, GBK) is not read.
 */
#ifndef GW_SQL_LEX_H
#define GW_SQL_LEX_H

#include "base/str.h"
#include "sql/dialect.h"

typedef enum gw_token_kind {
    GW_TOKEN_END,
    GW_TOKEN_SPACE,
    GW_TOKEN_COMMENT, /* --, #, block (PostgreSQL: nested) */
    /* The opening of an executable comment: slash-star, "!" or "M!", digits; what follows is SQL. One for version 999999, which
     * no server has (MariaDB's dumps begin with it), is a COMMENT. */
    GW_TOKEN_EXECUTABLE,
    GW_TOKEN_EXECUTABLE_END, /* its closing star-slash */
    GW_TOKEN_WORD,           /* bare identifier or keyword, also non-ASCII */
    GW_TOKEN_QUOTED,         /* quoted identifier, with its quotes */
    GW_TOKEN_STRING,         /* string constant, with its prefix and quotes; dollar bodies too */
    GW_TOKEN_NUMBER,
    GW_TOKEN_PARAMETER, /* $1, ?, :name, @name, @@name, MySQL's @ before a quoted name */
    GW_TOKEN_SEMICOLON,
    GW_TOKEN_OPEN,    /* ( */
    GW_TOKEN_CLOSE,   /* ) */
    GW_TOKEN_OPERATOR /* any other single character */
} gw_token_kind;

typedef struct gw_token {
    gw_token_kind kind;
    bool unterminated;
    gw_str text;
} gw_token;

typedef struct gw_lexer {
    gw_str text;
    size_t at; /* byte offset of the next token */
    gw_dialect dialect;
    uint32_t executable; /* how many executable comments are open here */
    bool gap;            /* between two statements MySQL's `--` needs no blank after it, as its client reads it */
} gw_lexer;

gw_lexer gw_lex(gw_str text, gw_dialect dialect);
gw_token gw_lex_next(gw_lexer *l);  /* END, with an empty text, at the end and ever after */
gw_token gw_lex_solid(gw_lexer *l); /* the next one that is neither SPACE nor COMMENT */

#endif
