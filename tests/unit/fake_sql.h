/*
 * tests/fake_sql - the fake engine's tongue, see fake_engine.h.
 */
#ifndef GW_TESTS_FAKE_SQL_H
#define GW_TESTS_FAKE_SQL_H

#include "fake_table.h"

void fake_sql_begin(fake_session *s); /* its settings */
bool fake_sql_is_clean(const fake_session *s);
gw_rc
fake_sql_run(fake_session *s, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e);
gw_rc fake_sql_copy(fake_session *s, gw_str sql, gw_str data, gw_err *e);

#endif
