#include "workflow/report.h"

#include "base/clock.h"

godwit_migration
gw_report_item(gw_call *call, const gw_item *item)
{
    gw_arena *const a = call->arena;
    const gw_record *const r = item->record;
    godwit_migration m = {
        .version = gw_text(a, item->version),
        .name = gw_text(a, item->name),
        .kind = gw_item_kind(item),
        .state = item->state,
        .out_of_order = item->out_of_order,
        .missing = item->missing,
        .edited = item->edited,
    };
    if (item->file != NULL) {
        m.path = gw_text(a, item->file->path);
        m.down_path = gw_text(a, item->file->down_path);
        m.checksum = gw_text(a, item->file->checksum);
    }
    m.reversible = m.down_path != NULL || (item->applied != NULL && item->applied->has_down);
    if (r != NULL) {
        m.kind = gw_text(a, r->kind);
        m.recorded_checksum = gw_text(a, r->checksum);
        m.statements = r->statements;
        m.done = r->done;
        m.started_at = gw_text(a, r->started_at);
        m.duration_ms = r->duration_ms;
        m.applied_by = gw_text(a, r->applied_by);
        m.error = gw_text(a, r->error);
    }
    return m;
}

void
gw_report_items(gw_call *call, const gw_items *items)
{
    for (size_t i = 0; i < items->len; i++)
        *gw_vec_push(call->arena, &call->answer.migrations) = gw_report_item(call, &items->at[i]);
}

void
gw_report_attempt(gw_call *call, const gw_record *record)
{
    gw_arena *const a = call->arena;
    *gw_vec_push(a, &call->answer.attempts) = (godwit_attempt){
        .id = record->id,
        .version = gw_text(a, record->version),
        .name = gw_text(a, record->name),
        .kind = gw_text(a, record->kind),
        .direction = gw_text(a, record->direction),
        .state = gw_state_name(record->state),
        .checksum = gw_text(a, record->checksum),
        .statements = record->statements,
        .done = record->done,
        .started_at = gw_text(a, record->started_at),
        .finished_at = gw_text(a, record->finished_at),
        .duration_ms = record->duration_ms,
        .applied_by = gw_text(a, record->applied_by),
        .run_id = gw_text(a, record->run_id),
        .tool = gw_text(a, record->tool),
        .error = gw_text(a, record->error),
    };
}

char *
gw_report_first_line(gw_arena *a, const gw_script *script, size_t index)
{
    gw_str rest;
    const gw_stmt *const s = &script->stmts.at[index];
    const gw_str text =
        gw_expanded_source(script->expanded, script->text, s->offset, (size_t)s->offset + s->length); /* no values */
    return gw_strdup(a, gw_str_trim(gw_str_cut(text, '\n', &rest)));
}

void
gw_report_statements(gw_call *call, const gw_script *script, size_t done)
{
    gw_arena *const a = call->arena;
    for (size_t i = 0; i < script->stmts.len; i++)
        *gw_vec_push(a, &call->answer.statements) = (godwit_statement){
            .index = i + 1,
            .path = gw_text(a, script->path),
            .line = script->stmts.at[i].line,
            .text = gw_report_first_line(a, script, i),
            .done = i < done,
        };
}

void
gw_report_path(gw_call *call, const char *path)
{
    *gw_vec_push(call->arena, &call->answer.paths) = gw_text(call->arena, path);
}

void
gw_report_end(gw_call *call, gw_rc rc, const gw_err *e)
{
    godwit_report *const r = &call->report;
    if (rc != GODWIT_OK && call->answer.errors.len == 0)
        *gw_vec_push(call->arena, &call->answer.errors) = *e;
    r->success = rc == GODWIT_OK;
    r->duration_ms = gw_clock_ms() - call->started_ms;
    r->migrations = call->answer.migrations.at;
    r->migration_count = call->answer.migrations.len;
    r->attempts = call->answer.attempts.at;
    r->attempt_count = call->answer.attempts.len;
    r->statements = call->answer.statements.at;
    r->statement_count = call->answer.statements.len;
    r->errors = call->answer.errors.at;
    r->error_count = call->answer.errors.len;
    r->paths = call->answer.paths.at;
    r->path_count = call->answer.paths.len;
}
