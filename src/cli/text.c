#include "base/arena.h"
#include "base/clock.h"
#include "cli/error.h"
#include "cli/face.h"

enum { SHOW_PROGRESS_AFTER_MS = 1000, REDRAW_AFTER_MS = 100, BAR_WIDTH = 24 };

static const char *
verb_of(const char *direction, bool pretend, bool done)
{
    const bool down = direction != NULL && strcmp(direction, "down") == 0;
    if (pretend)
        return down ? "would revert" : "would apply";
    if (done)
        return down ? "reverted" : "applied";
    return down ? "reverting" : "applying";
}

static void
draw_progress(gw_face *f, const godwit_event *ev, size_t statement, size_t statements)
{
    const int64_t now = gw_clock_ms();
    const bool is_early = now - f->run_began_ms < SHOW_PROGRESS_AFTER_MS && ev->kind != GODWIT_EVENT_MIGRATION_BEGIN;
    if (is_early || now - f->drawn_ms < REDRAW_AFTER_MS)
        return;
    GW_SCOPE(a);
    f->drawn_ms = now;
    const size_t total = statements > 0 ? statements : ev->total;
    const size_t at = statements > 0 ? statement : ev->index - 1;
    char bar[BAR_WIDTH + 1];
    for (size_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = total > 0 && i < at * BAR_WIDTH / total ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    gw_screen_transient(&f->screen, gw_printf(a, "%s %s %s [%s] %zu/%zu", verb_of(ev->direction, false, false),
                                              ev->version, ev->name, bar, at, total));
}

enum { STATEMENT_WIDTH = 60 };

/* How many bytes the first STATEMENT_WIDTH characters have; *left: columns that they do not fill. */
static int
fit_statement(const char *text, int *left)
{
    int bytes = 0;
    *left = STATEMENT_WIDTH;
    for (; text[bytes] != '\0' && (*left > 0 || ((unsigned char)text[bytes] & 0xC0) == 0x80); bytes++)
        *left -= ((unsigned char)text[bytes] & 0xC0) != 0x80;
    return bytes;
}

static void
print_statement(gw_face *f, const godwit_event *ev)
{
    GW_SCOPE(a);
    if (!f->in->options.verbose) {
        draw_progress(f, ev, ev->index, ev->total);
        return;
    }
    gw_screen_clear(&f->screen);
    int left;
    const int bytes = fit_statement(ev->text, &left);
    printf("  %s%zu/%zu%s  %.*s%*s %s\n", gw_paint_out(&f->screen, GW_DIM), ev->index, ev->total,
           gw_paint_out(&f->screen, GW_PLAIN), bytes, ev->text, left, "", gw_duration_text(a, ev->elapsed_ms));
}

/* Ends that come in a row were all known at once: those behind the first are written when something else is told. */
static void
print_migration_end(gw_face *f, const godwit_event *ev)
{
    GW_SCOPE(a);
    const char *const words[] = {
        gw_paint_out(&f->screen, GW_GREEN),
        verb_of(ev->direction, false, true),
        gw_paint_out(&f->screen, GW_PLAIN),
        " ",
        ev->version,
        " ",
        ev->name,
        "  ",
        gw_paint_out(&f->screen, GW_DIM),
        gw_duration_text(a, ev->elapsed_ms),
        gw_paint_out(&f->screen, GW_PLAIN),
        "\n",
    };
    gw_screen_clear(&f->screen);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        fputs(words[i], stdout);
    if (!f->told_end)
        fflush(stdout);
}

static void
print_aside(gw_face *f, const char *label, const char *text)
{
    gw_screen_clear(&f->screen);
    fprintf(stderr, "%s%s%s%s\n", gw_paint_err(&f->screen, GW_YELLOW), label, gw_paint_err(&f->screen, GW_PLAIN), text);
}

/* Waiting is said once; on a terminal the time goes on beside it. */
static void
print_waiting(gw_face *f, const godwit_event *ev)
{
    GW_SCOPE(a);
    if (f->screen.redraw)
        gw_screen_transient(&f->screen, gw_printf(a, "waiting %s: %s", gw_duration_text(a, ev->elapsed_ms), ev->text));
    else if (ev->elapsed_ms == 0 || f->waiting == NULL)
        fprintf(stderr, "waiting: %s\n", ev->text);
    f->waiting = "said";
}

static void
tell(gw_face *f, const godwit_event *ev)
{
    switch (ev->kind) {
    case GODWIT_EVENT_NOTE:
        print_aside(f, "", ev->text);
        break;
    case GODWIT_EVENT_NOTICE:
        print_aside(f, "server: ", ev->text);
        break;
    case GODWIT_EVENT_WAITING:
        print_waiting(f, ev);
        break;
    case GODWIT_EVENT_RUN_BEGIN:
        f->run_began_ms = gw_clock_ms();
        f->waiting = NULL;
        break;
    case GODWIT_EVENT_MIGRATION_BEGIN:
        draw_progress(f, ev, 0, 0);
        break;
    case GODWIT_EVENT_STATEMENT:
        print_statement(f, ev);
        break;
    case GODWIT_EVENT_MIGRATION_END:
        print_migration_end(f, ev);
        break;
    case GODWIT_EVENT_RUN_END:
    default:
        gw_screen_clear(&f->screen);
        break;
    }
}

void
gw_text_event(const godwit_event *ev, void *face)
{
    gw_face *const f = face;
    if (f->in->options.quiet)
        return;
    const bool is_end = ev->kind == GODWIT_EVENT_MIGRATION_END;
    if (f->told_end && !is_end)
        fflush(stdout);
    tell(f, ev);
    f->told_end = is_end;
}

static void
print_statements(const gw_screen *s, const godwit_report *r)
{
    for (size_t i = 0; i < r->statement_count; i++) {
        const godwit_statement *const st = &r->statements[i];
        int left;
        const int bytes = fit_statement(st->text, &left);
        printf("  %s%-8s%s %s:%u  %.*s\n", st->done ? gw_paint_out(s, GW_GREEN) : "",
               st->done           ? "kept"
               : st->note != NULL ? "?"
                                  : "not run",
               st->done ? gw_paint_out(s, GW_PLAIN) : "", st->path, st->line, bytes, st->text);
        if (st->note != NULL)
            printf("           %s\n", st->note);
    }
}

static gw_paint
paint_of(const godwit_migration *m)
{
    if (m->missing || m->edited || m->state == GODWIT_FAILED_STATE || m->state == GODWIT_RUNNING)
        return GW_RED;
    return m->state == GODWIT_APPLIED ? GW_GREEN : GW_YELLOW;
}

static void
print_migration(const gw_screen *s, const godwit_migration *m)
{
    GW_SCOPE(a);
    const bool ended = m->started_at != NULL && m->state != GODWIT_PENDING;
    printf("%s%-9s%s %s %s", gw_paint_out(s, paint_of(m)), godwit_state_name(m->state), gw_paint_out(s, GW_PLAIN),
           m->version, m->name);
    if (ended)
        printf("  %s%.19s UTC, %s%s", gw_paint_out(s, GW_DIM), m->started_at, gw_duration_text(a, m->duration_ms),
               gw_paint_out(s, GW_PLAIN));
    if (strcmp(m->kind, "versioned") != 0)
        printf("  (%s)", m->kind);
    if (m->out_of_order)
        printf("  out of order");
    if (m->edited)
        printf("  edited since");
    if (m->missing)
        printf("  file is gone");
    if (m->state == GODWIT_FAILED_STATE || m->state == GODWIT_RUNNING)
        printf("  %zu of %zu statements kept%s%s", m->done, m->statements, m->error == NULL ? "" : ": ",
               m->error == NULL ? "" : m->error);
    if (m->state == GODWIT_DEFERRED && m->error != NULL)
        printf("  to the next run: %s", m->error);
    if (m->state == GODWIT_PENDING && m->error != NULL)
        printf("  nothing was kept of the last attempt: %s", m->error);
    putchar('\n');
}

static void
print_status(const gw_screen *s, const godwit_report *r)
{
    size_t counts[GODWIT_DEFERRED + 1] = {0};
    for (size_t i = 0; i < r->migration_count; i++) {
        print_migration(s, &r->migrations[i]);
        counts[r->migrations[i].state]++;
    }
    print_statements(s, r);
    printf("%zu applied, %zu pending", counts[GODWIT_APPLIED], r->pending - counts[GODWIT_DEFERRED]);
    for (godwit_state state = GODWIT_RUNNING; state <= GODWIT_DEFERRED; state++)
        if (counts[state] > 0)
            printf(", %zu %s", counts[state], godwit_state_name(state));
    printf(" on %s\n", r->target);
}

static void
print_history(const godwit_report *r)
{
    GW_SCOPE(a);
    for (size_t i = 0; i < r->attempt_count; i++) {
        const godwit_attempt *const t = &r->attempts[i];
        printf("%.19s  %-4s %-8s %s %s  %s  by %s, godwit %s, run %s%s%s\n", t->started_at == NULL ? "" : t->started_at,
               t->direction, t->state, t->version, t->name, gw_duration_text(a, t->duration_ms),
               t->applied_by == NULL ? "?" : t->applied_by, t->tool == NULL ? "?" : t->tool,
               t->run_id == NULL ? "?" : t->run_id, t->error == NULL ? "" : ": ", t->error == NULL ? "" : t->error);
    }
    printf("%zu attempt%s on %s\n", r->attempt_count, r->attempt_count == 1 ? "" : "s", r->target);
}

static void
print_pretended(const gw_face *f, const godwit_report *r)
{
    for (size_t i = 0; i < r->migration_count; i++) {
        const godwit_migration *const m = &r->migrations[i];
        const char *const verb = m->state == GODWIT_SKIPPED        ? "would skip"
                                 : m->state == GODWIT_DEFERRED     ? "would defer"
                                 : strcmp(m->kind, "covered") == 0 ? "would record"
                                                                   : verb_of(m->direction, true, false);
        printf("%s %s %s  (%zu statement%s", verb, m->version, m->name, m->statements, m->statements == 1 ? "" : "s");
        if (m->done > 0)
            printf(", going on after statement %zu", m->done);
        printf(")\n");
    }
    if (f->in->options.verbose)
        print_statements(&f->screen, r);
    if (r->migration_count == 0)
        printf("nothing to do on %s\n", r->target);
}

static void
print_run(const gw_face *f, const godwit_report *r)
{
    GW_SCOPE(a);
    if (r->pretend) {
        print_pretended(f, r);
        return;
    }
    for (size_t i = 0; i < r->migration_count; i++)
        if (r->migrations[i].state == GODWIT_SKIPPED || r->migrations[i].state == GODWIT_DEFERRED)
            printf("%s %s %s\n", godwit_state_name(r->migrations[i].state), r->migrations[i].version,
                   r->migrations[i].name);
    if (r->files_executed == 0)
        printf("nothing to do on %s\n", r->target);
    else
        printf("%zu migration%s in %s on %s\n", r->files_executed, r->files_executed == 1 ? "" : "s",
               gw_duration_text(a, r->duration_ms), r->target);
}

static void
print_lock(const godwit_lock *lock, bool released)
{
    if (lock->held && released) {
        printf("released: ended the session of %s\n", lock->holder);
        return;
    }
    if (lock->brief) {
        printf("free between migrations: each one locks the %s while it runs\n", lock->method);
        return;
    }
    printf(lock->held ? "held by %s%s%s\n" : "free%s%s%s\n", lock->held ? lock->holder : "",
           lock->since == NULL ? "" : ", since ", lock->since == NULL ? "" : lock->since);
    if (lock->query != NULL)
        printf("it runs: %s\n", lock->query);
    if (lock->key != NULL)
        printf("method: %s, key %s\n", lock->method, lock->key);
}

static bool
is_run(const gw_command *c)
{
    return c->run == NULL ? false
                          : strcmp(c->name, "up") == 0 || strcmp(c->name, "down") == 0 ||
                                strcmp(c->name, "redo") == 0 || strcmp(c->name, "db reset") == 0;
}

static void
print_verified(const godwit_report *r)
{
    size_t applied = 0;
    for (size_t i = 0; i < r->migration_count; i++)
        applied += r->migrations[i].state == GODWIT_APPLIED;
    printf("%zu applied migration%s with the history, %zu pending on %s\n", applied,
           applied == 1 ? " agrees" : "s agree", r->pending, r->target);
}

static void
print_answer(gw_face *f, const gw_result *result)
{
    const godwit_report *const r = result->report;
    const char *const name = f->in->command->name;
    if (result->has_lock)
        print_lock(&result->lock, f->in->operands[0] != NULL && strcmp(f->in->operands[0], "release") == 0);
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->path_count; i++)
        printf("%s\n", r->paths[i]);
    if (strcmp(name, "status") == 0)
        print_status(&f->screen, r);
    else if (strcmp(name, "history") == 0)
        print_history(r);
    else if (strcmp(name, "verify") == 0)
        print_verified(r);
    else if (strcmp(name, "validate") == 0)
        printf("the folder is in order\n");
    else if (strcmp(name, "db wait") == 0)
        printf("%s accepts connections\n", r->target);
    else if (is_run(f->in->command) || f->in->options.retry)
        print_run(f, r);
    else
        for (size_t i = 0; i < r->migration_count; i++)
            print_migration(&f->screen, &r->migrations[i]);
    if (strcmp(name, "resolve") == 0)
        print_statements(&f->screen, r);
    if (strcmp(name, "resolve") == 0 && r->statement_count > 0 && !f->in->options.retry)
        printf("settle it with --applied, --reverted or --retry\n");
}

void
gw_text_result(gw_face *f, const gw_result *result, godwit_rc rc)
{
    gw_screen_clear(&f->screen);
    if (rc == GODWIT_OK || rc == GODWIT_FOUND) {
        if (!f->in->options.quiet)
            print_answer(f, result);
        return;
    }
    fflush(stdout);
    const godwit_report *const r = result->report;
    if (r == NULL || r->error_count <= 1) {
        gw_error_print(&f->screen, &result->error);
        return;
    }
    for (size_t i = 0; i < r->error_count; i++)
        gw_error_print(&f->screen, &r->errors[i]);
}
