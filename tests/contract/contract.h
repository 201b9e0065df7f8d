/*
 * tests/contract - one list of tests that every engine passes: what src/db/engine.h promises, tried on a real database.
 *
 *     GODWIT_TEST_URL=postgres://postgres@127.0.0.1:5499/contract contract_test
 *
 * The URL says engine, server and database; the database is created when it is missing, and dropped at the end only then. Without
 * a URL the fake engine is tried. Tests make tables and databases of random names and remove them, also when they fail.
 * An engine that lacks a capability passes a test by doing what it promises instead; no test is left out.
 */
#ifndef GW_TESTS_CONTRACT_H
#define GW_TESTS_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/engine.h"
#include "tongue.h"

#define CONTRACT_TESTS(TEST)                                                                                           \
    /* session_test.c */                                                                                               \
    TEST(has_every_function_and_text_that_it_must_have)                                                                \
    TEST(says_what_the_server_is)                                                                                      \
    TEST(closes_with_its_arena)                                                                                        \
    TEST(refuses_a_url_parameter_that_it_does_not_know)                                                                \
    TEST(refuses_a_wrong_login_and_keeps_the_password_to_itself)                                                       \
    TEST(says_that_nobody_listens_and_that_trying_again_may_help)                                                      \
    TEST(tells_a_missing_database_from_other_failures)                                                                 \
    TEST(writes_nothing_when_opened_to_read)                                                                           \
    TEST(gives_the_session_back_as_it_began)                                                                           \
    TEST(knows_that_it_is_alive)                                                                                       \
    /* statement_test.c */                                                                                             \
    TEST(reads_back_the_rows_that_it_wrote)                                                                            \
    TEST(passes_parameters_unchanged)                                                                                  \
    TEST(reads_quoted_strings_unchanged)                                                                               \
    TEST(tells_null_from_empty_text)                                                                                   \
    TEST(passes_a_megabyte_of_text)                                                                                    \
    TEST(drops_the_rows_of_a_statement_that_is_only_executed)                                                          \
    TEST(ends_a_query_when_the_reader_has_enough)                                                                      \
    TEST(tells_code_and_place_of_a_syntax_error)                                                                       \
    TEST(counts_the_place_of_an_error_in_bytes)                                                                        \
    TEST(tells_code_and_cause_of_a_missing_table)                                                                      \
    TEST(passes_notices_on)                                                                                            \
    TEST(copies_rows_in_when_it_says_so)                                                                               \
    TEST(is_interrupted_from_another_thread)                                                                           \
    TEST(is_not_disturbed_by_a_cancel_between_statements)                                                              \
    /* transaction_test.c */                                                                                           \
    TEST(keeps_what_is_committed)                                                                                      \
    TEST(forgets_what_is_rolled_back)                                                                                  \
    TEST(rolls_back_ddl_exactly_when_it_says_so)                                                                       \
    TEST(rolls_back_nothing_without_harm)                                                                              \
    TEST(is_usable_after_a_failure_in_a_transaction)                                                                   \
    TEST(begins_with_the_users_own_words)                                                                              \
    TEST(waits_for_a_locked_table_only_so_long)                                                                        \
    /* lock_test.c */                                                                                                  \
    TEST(excludes_a_second_runner_and_names_the_first)                                                                 \
    TEST(releases_the_lock_when_the_connection_closes)                                                                 \
    TEST(keeps_locks_of_different_keys_apart)                                                                          \
    TEST(keeps_the_lock_when_the_session_is_reset)                                                                     \
    TEST(ends_the_session_that_holds_the_lock)                                                                         \
    TEST(waits_in_begin_only_as_long_as_it_may)                                                                        \
    TEST(stops_waiting_in_begin_when_cancelled)                                                                        \
    TEST(takes_the_lock_by_the_policy)                                                                                 \
    /* history_test.c */                                                                                               \
    TEST(keeps_a_history)                                                                                              \
    TEST(reads_the_same_times_under_another_time_zone)                                                                 \
    TEST(writes_the_history_wherever_bare_names_lead)                                                                  \
    TEST(keeps_the_rows_of_a_group_in_their_order)                                                                     \
    TEST(reads_for_a_plan_what_counts_of_each_version)                                                                 \
    TEST(tells_a_plan_what_was_put_off)                                                                                \
    TEST(rolls_the_history_back_with_its_transaction)                                                                  \
    TEST(takes_any_name_for_the_history)                                                                               \
    TEST(refuses_a_table_that_is_no_history)                                                                           \
    TEST(asks_for_the_history_together_with_the_connection)                                                            \
    TEST(reads_the_history_together_with_the_connection)                                                               \
    TEST(appends_the_states_of_objects_to_what_it_writes)                                                              \
    /* lease_test.c */                                                                                                 \
    TEST(gives_the_lease_to_one_runner_and_names_it)                                                                   \
    TEST(keeps_the_lease_as_long_as_its_owner_lives)                                                                   \
    TEST(gives_the_lease_away_when_it_ran_out)                                                                         \
    TEST(lets_an_owner_go_on_whose_heart_finds_no_session)                                                             \
    TEST(keeps_takers_out_between_fence_and_commit)                                                                    \
    TEST(ends_the_session_of_an_owner_that_stood_still)                                                                \
    TEST(takes_over_from_an_owner_whose_session_is_gone)                                                               \
    TEST(lets_every_runner_have_the_lease_that_they_all_make)                                                          \
    TEST(excludes_session_locks_and_leases)                                                                            \
    TEST(writes_history_only_with_the_lease)                                                                           \
    TEST(releases_a_lease_that_is_held_only_by_force)                                                                  \
    /* batch_test.c */                                                                                                 \
    TEST(applies_a_batch_in_order_and_records_it)                                                                      \
    TEST(has_nothing_to_do_with_an_empty_batch)                                                                        \
    TEST(measures_how_long_an_item_of_a_batch_took)                                                                    \
    TEST(drops_the_rows_and_passes_on_the_notices_of_a_batch)                                                          \
    TEST(takes_megabytes_in_a_batch)                                                                                   \
    TEST(gives_every_item_of_a_batch_a_clean_session)                                                                  \
    TEST(executes_nothing_behind_the_first_failure_of_a_batch)                                                         \
    TEST(fails_a_batch_at_its_first_step)                                                                              \
    TEST(keeps_the_steps_before_a_failure_that_commit_by_themselves)                                                   \
    TEST(completes_the_row_of_an_item_that_commits_several_times)                                                      \
    TEST(records_nothing_of_a_batch_without_the_lock)                                                                  \
    TEST(blames_no_lock_for_what_a_statement_of_a_batch_did)                                                           \
    TEST(is_interrupted_in_the_middle_of_a_batch)                                                                      \
    TEST(is_not_disturbed_by_a_cancel_before_a_batch)                                                                  \
    /* state_test.c */                                                                                                 \
    TEST(tells_a_table_from_none)                                                                                      \
    TEST(tells_a_table_from_what_it_was)                                                                               \
    TEST(looks_for_a_bare_name_where_it_leads)                                                                         \
    TEST(foresees_what_is_not_there)                                                                                   \
    TEST(says_when_it_cannot_compare)                                                                                  \
    /* database_test.c */                                                                                              \
    TEST(creates_and_drops_a_database)                                                                                 \
    TEST(drops_a_database_that_is_in_use_only_if_that_is_safe)

#define CONTRACT_DECLARE(name) void name(void **state);
CONTRACT_TESTS(CONTRACT_DECLARE)

typedef struct contract_drops {
    gw_vec(const char *) sql;
} contract_drops;

/* What each test gets: a connection of its own on an arena of its own, both gone after it. */
typedef struct fixture {
    gw_arena *arena;
    const gw_engine *engine;
    const tongue *words;
    const gw_url *url;
    gw_conn *conn;
    char notice[256]; /* the newest */
    unsigned notices;
    contract_drops drops;
} fixture;

/* Fails the test and shows the error unless rc is GODWIT_OK. */
void ok(gw_rc rc, const gw_err *e);

/* What fx->conn was opened with; change a copy for another one. */
gw_open_params params_of(fixture *fx);
/* Another connection on `scope`, or the test fails. */
gw_conn *open_on(gw_arena *scope, const gw_open_params *p);
/* An arena that ends before fx's: gw_undo(fx->arena, it) ends it now. */
gw_arena *scope_of(fixture *fx);
/* Another connection like fx's, on fx's arena. */
gw_conn *open_another(fixture *fx);

/* A name that nobody has. */
const char *any_name(fixture *fx);
/* Run this at the end, on a connection of its own, whatever happens. */
void drop_later(fixture *fx, const char *sql);
/* A new table (n INTEGER, v TEXT), gone at the end. */
const char *new_table(fixture *fx);
/* `text` of the engine's tongue with {t} replaced. */
const char *say(fixture *fx, const char *text, const char *table);

gw_rc try_exec(gw_conn *c, const char *sql, gw_err *e);
void exec(gw_conn *c, const char *sql);
/* Rows as "a|b\nc|NULL\n". */
const char *rows_of(fixture *fx, gw_conn *c, const char *sql, const gw_param *params, size_t count);

#endif
