#include "migration/phase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "migration/dependence.h"
#include "migration/items.h"
#include "show_error.h"

/*
 * Input: a line with the dialect and the name of the environment ("-": none); then files, each a line with its name and what the history says
 * of it (applied, skipped, failed, deferred, open: deferred without an end; nothing: never tried; `was` before it: that when the run began, and
 * is applied now; behind it, which run that was), and its text:
 *
 *     postgres staging
 *     @ 0001_users.sql applied
 *     CREATE TABLE users (id int);
 */
typedef struct scene {
    gw_arena *arena;
    gw_dialect dialect;
    const char *environment;
    gw_folder folder;
    gw_records before, now;
    gw_vec(gw_str) texts;
    gw_buf out;
} scene;

static const char *const prefixes[] = {"renewa", NULL};

static void
add_record(scene *s, const gw_file *file, gw_str state, gw_records *out)
{
    static const struct {
        const char *word;
        godwit_state state;
        const char *finished_at;
    } states[] = {{"applied", GODWIT_APPLIED, "t"},
                  {"skipped", GODWIT_SKIPPED, "t"},
                  {"failed", GODWIT_FAILED_STATE, "t"},
                  {"deferred", GODWIT_DEFERRED, "t"},
                  {"open", GODWIT_DEFERRED, NULL}};
    gw_str run;
    const gw_str word = gw_str_cut(state, ' ', &run);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (gw_str_is(word, states[i].word))
            *gw_vec_push(s->arena, out) = (gw_record){.id = (int64_t)out->len + 1,
                                                      .version = file->version,
                                                      .name = file->name,
                                                      .kind = "versioned",
                                                      .direction = "up",
                                                      .run_id = gw_strdup(s->arena, run),
                                                      .state = states[i].state,
                                                      .finished_at = states[i].finished_at};
}

static void
add_file(scene *s, gw_str line)
{
    gw_str state, rest;
    const gw_str name = gw_str_cut(line, ' ', &state);
    gw_file *const f = gw_vec_push(s->arena, &s->folder.files);
    f->path = gw_printf(s->arena, "m/%.*s", GW_STR_ARG(name));
    f->version = gw_strdup(s->arena, gw_str_cut(name, '_', &rest));
    f->name = gw_strdup(s->arena, gw_str_slice(rest, 0, rest.len - strlen(".sql")));
    f->kind = gw_str_starts(name, "R_")               ? GW_FILE_REPEATABLE
              : strstr(f->path, "checkpoint") != NULL ? GW_FILE_CHECKPOINT
                                                      : GW_FILE_VERSIONED;
    const bool was = gw_str_starts(state, "was");
    add_record(s, f, was ? gw_str_trim(gw_str_slice(state, 3, state.len)) : state, &s->before);
    add_record(s, f, was ? gw_str_of("applied") : state, &s->now);
    (void)gw_vec_push(s->arena, &s->texts);
}

static void
read_input(scene *s, gw_str input)
{
    gw_str rest, environment;
    const gw_str dialect = gw_str_cut(gw_str_cut(input, '\n', &rest), ' ', &environment);
    s->dialect.kind = gw_str_is(dialect, "mysql")    ? GW_DIALECT_MYSQL
                      : gw_str_is(dialect, "sqlite") ? GW_DIALECT_SQLITE
                                                     : GW_DIALECT_POSTGRES;
    s->environment = gw_str_is(environment, "-") ? NULL : gw_strdup(s->arena, environment);
    while (rest.ptr != NULL) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (gw_str_starts(line, "@ ")) {
            add_file(s, gw_str_slice(line, 2, line.len));
            continue;
        }
        gw_str *const text = &s->texts.at[s->texts.len - 1];
        text->ptr = text->ptr == NULL ? line.ptr : text->ptr;
        text->len = (size_t)(line.ptr - text->ptr) + line.len;
    }
    for (size_t i = 0; i < s->texts.len; i++)
        s->folder.files.at[i].phases =
            gw_phase_words_read(s->arena, s->folder.files.at[i].path, s->texts.at[i], prefixes);
}

static gw_script
script_of(scene *s, const gw_file *file)
{
    gw_script script;
    gw_err e = {0};
    const gw_script_params p = {.path = file->path,
                                .text = s->texts.at[file - s->folder.files.at],
                                .dialect = s->dialect,
                                .prefixes = prefixes,
                                .allow_empty = true};
    if (gw_script_read(s->arena, &p, &script, &e) != GODWIT_OK)
        fail_msg("%s", e.message);
    return script;
}

static void
show_waiting(scene *s, const gw_phases *phases, const gw_plan *plan, size_t at)
{
    gw_waiting waiting;
    const gw_file *const file = plan->at[at].item->file;
    const gw_script script = script_of(s, file);
    gw_waiting_of(s->arena, &script, &waiting);
    for (size_t i = 0; i < phases->pairs.len; i++)
        if (phases->pairs.at[i].dropped_by == file) {
            const gw_script maker = script_of(s, phases->pairs.at[i].made_by);
            gw_waiting_add_shim(s->arena, &maker, phases->pairs.at[i].shim, &waiting);
        }
    for (size_t i = at + 1; i < plan->len; i++) {
        gw_dependence found;
        const gw_script later = script_of(s, plan->at[i].item->file);
        if (plan->at[i].action != GW_ACTION_DEFER && gw_dependence_find(&waiting, &later, &found))
            gw_buf_printf(&s->out, "  %s depends on it: statement %zu%s%.*s\n", plan->at[i].item->version,
                          found.statement + 1, found.name.len == 0 ? ", nobody can tell" : ", through ",
                          GW_STR_ARG(found.name));
    }
}

static void
show_plan(scene *s, const gw_phases *phases)
{
    gw_items before, now;
    gw_plan plan;
    gw_err e = {0};
    gw_items_of(s->arena, &s->folder, &s->before, &before);
    gw_items_of(s->arena, &s->folder, &s->now, &now);
    assert_int_equal(gw_plan_up(s->arena, &now, &(gw_plan_params){.out_of_order = true}, &plan, &e), GODWIT_OK);
    const gw_phases_defer_params p = {phases, &before, s->environment};
    const size_t count = gw_phases_defer(s->arena, &p, &plan);
    size_t deferred = 0;
    for (size_t i = 0; i < plan.len; i++) {
        const gw_step *const step = &plan.at[i];
        const bool waits = step->action == GW_ACTION_DEFER;
        assert_int_equal(waits, step->reason != NULL);
        gw_buf_printf(&s->out, "%s %s%s%s\n", waits ? "defer" : "run", step->item->version, waits ? ": " : "",
                      waits ? step->reason : "");
        deferred += waits;
        if (waits)
            show_waiting(s, phases, &plan, i);
    }
    assert_int_equal(count, deferred);
}

static gw_str
phase_case(gw_arena *a, const test_case *c, void *ctx)
{
    scene s = {.arena = a, .folder = {.path = "m", .exists = true}, .out = gw_buf_new(a)};
    gw_phases phases;
    (void)ctx;
    read_input(&s, c->input);
    gw_phases_of(a, &s.folder, &phases);
    for (size_t i = 0; i < phases.problems.len; i++) {
        assert_non_null(phases.problems.at[i].file);
        show_error(&s.out, &phases.problems.at[i].e);
    }
    if (phases.problems.len > 0)
        return gw_buf_str(&s.out);
    for (size_t i = 0; i < s.folder.files.len; i++) {
        gw_err e = {0};
        const gw_script script = script_of(&s, &s.folder.files.at[i]);
        if (gw_phases_check(&s.folder.files.at[i], &script, &e) != GODWIT_OK)
            show_error(&s.out, &e);
    }
    for (size_t i = 0; i < phases.pairs.len && gw_str_is(gw_str_of(s.environment), "pairs"); i++) {
        const gw_pair *const p = &phases.pairs.at[i];
        gw_buf_printf(&s.out, "%.*s: %s, issue %.*s, %s\n", GW_STR_ARG(p->shim->old), p->made_by->version,
                      GW_STR_ARG(gw_shim_issue(p->shim)), p->dropped_by == NULL ? "lives" : p->dropped_by->version);
    }
    if (s.out.len == 0 && !gw_str_is(gw_str_of(s.environment), "pairs"))
        show_plan(&s, &phases);
    return gw_buf_str(&s.out);
}

static void
pairs_shims_with_what_drops_them(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/phase_pairs.txt", phase_case, NULL), 0);
}

static void
defers_what_drops_a_shim_of_the_same_run(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/phase_defer.txt", phase_case, NULL), 0);
}

static void
finds_what_depends_on_what_is_deferred(void **state)
{
    (void)state;
    assert_int_equal(run_cases("migration/phase_depend.txt", phase_case, NULL), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_shims_with_what_drops_them),
        cmocka_unit_test(defers_what_drops_a_shim_of_the_same_run),
        cmocka_unit_test(finds_what_depends_on_what_is_deferred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
