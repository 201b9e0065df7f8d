/*
 * tests/fake_statement - a statement of the fake engine's tongue while it is read: words, names, values, conditions.
 */
#ifndef GW_TESTS_FAKE_STATEMENT_H
#define GW_TESTS_FAKE_STATEMENT_H

#include "fake_table.h"
#include "sql/lex.h"

typedef struct fake_statement {
    gw_arena *scratch, *arena; /* the second lives as long as the tables */
    fake_session *conn;
    gw_lexer lexer;
    gw_token token; /* the next one */
    const gw_param *params;
    size_t count;
    gw_row_fn *fn;
    void *ctx;
    gw_err *e;
} fake_statement;
typedef gw_vec(const char *) fake_texts;

void fake_advance(fake_statement *s);
/* Is this the next word? Then it is read. */
bool fake_accept(fake_statement *s, const char *word);
gw_rc fake_expect(fake_statement *s, const char *word);
gw_rc fake_wrong(fake_statement *s); /* a syntax error at the next token */
gw_rc fake_read_name(fake_statement *s, const char **out);
gw_rc fake_read_value(fake_statement *s, const char **out);
gw_rc fake_read_values(fake_statement *s, fake_texts *out);
gw_rc fake_read_held(fake_statement *s, bool *out);
/* IF held: nothing happens otherwise; MUST held: it fails otherwise. Without either it is true. */
gw_rc fake_read_guard(fake_statement *s, bool *out);

#endif
