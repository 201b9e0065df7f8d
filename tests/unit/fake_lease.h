/*
 * tests/fake_lease - the fake engine's leases: LEASE CREATE | SEED | READ | TAKE | BEAT | FREE t.
 */
#ifndef GW_TESTS_FAKE_LEASE_H
#define GW_TESTS_FAKE_LEASE_H

#include "fake_table.h"

/* Sets s->affected. */
gw_rc fake_lease_run(fake_session *s, const char *verb, fake_table *t, const gw_param *params, gw_row_fn *fn, void *ctx,
                     gw_err *e);

#endif
