/*
 * tests/fake_table - the fake engine's tables, in versions: a transaction's changes are its own until it commits.
 */
#ifndef GW_TESTS_FAKE_TABLE_H
#define GW_TESTS_FAKE_TABLE_H

#include <stdatomic.h>

#include "db/engine.h"

enum { FAKE_SETTINGS = 2 };

/* What a connection is to its statements and tables. */
typedef struct fake_session {
    const char *database;
    bool in_transaction, in_group, read_only, read_only_now;
    int64_t lock_timeout_ms, last_number;
    int64_t affected; /* rows, by the newest statement */
    atomic_bool cancelled;
    const struct fake_session *waits_for; /* whose transaction has a table that we want; NULL none */
    gw_notice_fn *notice;                 /* may be NULL */
    void *notice_ctx;
    const char *settings[FAKE_SETTINGS];
} fake_session;

typedef struct fake_row {
    const char **values; /* one a column */
} fake_row;

/* One version of a table. */
typedef struct fake_data {
    bool exists;
    unsigned version; /* one more with every change of its definition, and never less */
    gw_vec(const char *) columns;
    gw_vec(fake_row) rows;
} fake_data;

typedef struct fake_table {
    const char *database, *name; /* unquoted; "schema.table" outside public */
    fake_data *now, *before;
    const fake_session *writer; /* whose transaction made `now` out of `before`; NULL: all is committed */
    fake_data *saved;           /* `now` at fake_table_save(); NULL: it was committed */
} fake_table;

gw_arena *fake_table_arena(void);
fake_table *fake_table_of(const char *database, const char *name); /* never NULL; see exists */
/* What the session sees of a table: its own changes, otherwise what is committed. */
const fake_data *fake_table_seen(const fake_session *s, const fake_table *t);
/* The version that the session may change; waits for another writer. */
gw_rc fake_table_change(fake_session *s, fake_table *t, fake_data **out, gw_err *e);
/* All tables of a database whose names begin so. */
gw_rc fake_table_drop_all(fake_session *s, const char *database, const char *prefix, gw_err *e);
void fake_table_end(const fake_session *s, bool keep); /* of its transaction */
/* Within a transaction: what it changed since the newest save can be undone. */
void fake_table_save(const fake_session *s);
void fake_table_restore(const fake_session *s);
void fake_table_clear(void);
/* GODWIT_FAILED "text: name" with a code. */
gw_rc fake_table_fail(gw_err *e, const char *code, const char *text, const char *name);

#endif
