#include "fake_sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fake_lease.h"
#include "fake_statement.h"
#include "fake_world.h"

static const struct {
    const char *name, *value;
} initial_settings[FAKE_SETTINGS] = {{"path", "public"}, {"zone", "UTC"}};

void
fake_sql_begin(fake_session *s)
{
    for (size_t i = 0; i < FAKE_SETTINGS; i++)
        s->settings[i] = initial_settings[i].value;
}

bool
fake_sql_is_clean(const fake_session *s)
{
    for (size_t i = 0; i < FAKE_SETTINGS; i++)
        if (strcmp(s->settings[i], initial_settings[i].value) != 0)
            return false;
    return true;
}

static size_t
column_of(const fake_data *d, gw_str name)
{
    size_t i = 0;
    while (i < d->columns.len && !gw_str_is(name, d->columns.at[i]))
        i++;
    return i;
}

/* A table that must exist. */
static gw_rc
read_table(fake_statement *s, fake_table **out)
{
    const char *name = NULL;
    GW_TRY(fake_read_name(s, &name));
    *out = fake_table_of(s->conn->database, name);
    return fake_table_seen(s->conn, *out)->exists ? GODWIT_OK : fake_table_fail(s->e, "42P01", "no such table", name);
}

static gw_rc
read_column(fake_statement *s, const fake_data *d, size_t *out)
{
    *out = column_of(d, s->token.text);
    if (*out == d->columns.len)
        return fake_wrong(s);
    fake_advance(s);
    return GODWIT_OK;
}

/* WHERE column = value; without it every row fits. */
typedef struct condition {
    bool any;
    size_t column;
    const char *value;
} condition;

static gw_rc
read_where(fake_statement *s, const fake_data *d, condition *out)
{
    *out = (condition){.any = true};
    if (!fake_accept(s, "WHERE"))
        return GODWIT_OK;
    out->any = false;
    GW_TRY(read_column(s, d, &out->column));
    GW_TRY(fake_expect(s, "="));
    return fake_read_value(s, &out->value);
}

static bool
fits(const condition *w, const fake_row *r)
{
    const char *const value = w->any ? NULL : r->values[w->column];
    return w->any || (value != NULL && w->value != NULL && strcmp(value, w->value) == 0);
}

static bool
emit(fake_statement *s, size_t count, const char *const *values)
{
    return s->fn == NULL || s->fn(s->ctx, count, values);
}

static gw_rc
run_create(fake_statement *s)
{
    const char *name = NULL;
    fake_data *d = NULL;
    if (fake_accept(s, "SCHEMA"))
        return fake_accept(s, "IF") ? (fake_advance(s), fake_advance(s), fake_read_name(s, &name))
                                    : fake_read_name(s, &name);
    GW_TRY(fake_expect(s, "TABLE"));
    const bool calm = fake_accept(s, "IF") && fake_accept(s, "NOT") && fake_accept(s, "EXISTS");
    GW_TRY(fake_read_name(s, &name));
    fake_table *const t = fake_table_of(s->conn->database, name);
    if (fake_table_seen(s->conn, t)->exists)
        return calm ? GODWIT_OK : fake_table_fail(s->e, "42P07", "there is such a table", name);
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    *d = (fake_data){.exists = true, .version = d->version + 1};
    GW_TRY(fake_expect(s, "("));
    do {
        *gw_vec_push(s->arena, &d->columns) = gw_strdup(s->arena, s->token.text);
        while (s->token.kind != GW_TOKEN_END && !gw_str_is(s->token.text, ",") && !gw_str_is(s->token.text, ")"))
            fake_advance(s);
    } while (fake_accept(s, ","));
    return fake_expect(s, ")");
}

static gw_rc
drop_schema(fake_statement *s)
{
    const char *name = NULL;
    GW_TRY(fake_read_name(s, &name));
    return fake_table_drop_all(s->conn, s->conn->database, gw_printf(s->scratch, "%s.", name), s->e);
}

static gw_rc
run_drop(fake_statement *s)
{
    const char *name = NULL;
    fake_data *d = NULL;
    if (fake_accept(s, "SCHEMA"))
        return drop_schema(s);
    GW_TRY(fake_expect(s, "TABLE"));
    const bool calm = fake_accept(s, "IF") && fake_accept(s, "EXISTS");
    GW_TRY(fake_read_name(s, &name));
    fake_table *const t = fake_table_of(s->conn->database, name);
    if (!fake_table_seen(s->conn, t)->exists && !calm)
        return fake_table_fail(s->e, "42P01", "no such table", name);
    if (!fake_table_seen(s->conn, t)->exists) {
        if (s->conn->notice != NULL)
            s->conn->notice(s->conn->notice_ctx, gw_printf(s->scratch, "no such table: %s", name));
        return GODWIT_OK;
    }
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    *d = (fake_data){.version = d->version + 1};
    return GODWIT_OK;
}

static gw_rc
run_alter(fake_statement *s)
{
    fake_table *t = NULL;
    fake_data *d = NULL;
    GW_TRY(fake_expect(s, "TABLE"));
    GW_TRY(read_table(s, &t));
    GW_TRY(fake_expect(s, "ADD"));
    GW_TRY(fake_expect(s, "COLUMN"));
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    d->version++;
    for (size_t i = 0; i < d->rows.len; i++) {
        const char **const wider = gw_new_array(s->arena, const char *, d->columns.len + 1);
        memcpy(wider, d->rows.at[i].values, d->columns.len * sizeof(char *));
        d->rows.at[i].values = wider;
    }
    *gw_vec_push(s->arena, &d->columns) = gw_strdup(s->arena, s->token.text);
    fake_advance(s); /* its type */
    fake_advance(s);
    return GODWIT_OK;
}

static gw_rc
insert_row(fake_statement *s, fake_table *t, const fake_texts *values)
{
    fake_data *d = NULL;
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    if (values->len > d->columns.len)
        return fake_table_fail(s->e, "42601", "more values than columns", t->name);
    fake_row *const r = gw_vec_push(s->arena, &d->rows);
    r->values = gw_new_array(s->arena, const char *, d->columns.len + 1);
    for (size_t i = 0; i < values->len; i++)
        r->values[i] = values->at[i];
    s->conn->affected++;
    return GODWIT_OK;
}

static int64_t
next_number(const fake_data *d)
{
    return d->rows.len == 0 ? 1 : strtoll(d->rows.at[d->rows.len - 1].values[0], NULL, 10) + 1;
}

static gw_rc
run_insert(fake_statement *s)
{
    fake_table *t = NULL;
    fake_texts values = {0};
    GW_TRY(fake_expect(s, "INTO"));
    GW_TRY(read_table(s, &t));
    if (fake_accept(s, "NEXT")) {
        s->conn->last_number = next_number(fake_table_seen(s->conn, t));
        *gw_vec_push(s->arena, &values) = gw_printf(s->arena, "%lld", (long long)s->conn->last_number);
    }
    GW_TRY(fake_expect(s, "VALUES"));
    GW_TRY(fake_expect(s, "("));
    GW_TRY(fake_read_values(s, &values));
    GW_TRY(fake_expect(s, ")"));
    bool held = true;
    GW_TRY(fake_read_guard(s, &held));
    return held ? insert_row(s, t, &values) : GODWIT_OK;
}

static gw_rc
run_update(fake_statement *s)
{
    fake_table *t = NULL;
    fake_data *d = NULL;
    condition where;
    struct {
        size_t column;
        const char *value;
    } sets[8];
    size_t count = 0;
    GW_TRY(read_table(s, &t));
    GW_TRY(fake_expect(s, "SET"));
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    do {
        assert(count < sizeof(sets) / sizeof(sets[0]));
        GW_TRY(read_column(s, d, &sets[count].column));
        GW_TRY(fake_expect(s, "="));
        GW_TRY(fake_read_value(s, &sets[count++].value));
    } while (fake_accept(s, ","));
    bool held = true;
    GW_TRY(read_where(s, d, &where));
    GW_TRY(fake_read_guard(s, &held));
    for (size_t i = 0; held && i < d->rows.len; i++) {
        const bool is_hit = fits(&where, &d->rows.at[i]);
        for (size_t n = 0; n < count && is_hit; n++)
            d->rows.at[i].values[sets[n].column] = sets[n].value;
        s->conn->affected += is_hit;
    }
    return GODWIT_OK;
}

static gw_rc
run_delete(fake_statement *s)
{
    fake_table *t = NULL;
    fake_data *d = NULL;
    condition where;
    GW_TRY(fake_expect(s, "FROM"));
    GW_TRY(read_table(s, &t));
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    GW_TRY(read_where(s, d, &where));
    size_t kept = 0;
    for (size_t i = 0; i < d->rows.len; i++)
        if (!fits(&where, &d->rows.at[i]))
            d->rows.at[kept++] = d->rows.at[i];
    s->conn->affected = (int64_t)(d->rows.len - kept);
    d->rows.len = kept;
    return GODWIT_OK;
}

/* Rows that fit, by the number in column `order`. */
static size_t
pick(const fake_data *d, const condition *where, size_t order, const fake_row **out)
{
    size_t count = 0;
    for (size_t i = 0; i < d->rows.len; i++) {
        const fake_row *const r = &d->rows.at[i];
        if (!fits(where, r))
            continue;
        size_t at = count++;
        for (; order < d->columns.len && at > 0; at--) {
            const char *const left = out[at - 1]->values[order], *const right = r->values[order];
            if (left == NULL || right == NULL || strtoll(left, NULL, 10) <= strtoll(right, NULL, 10))
                break;
            out[at] = out[at - 1];
        }
        out[at] = r;
    }
    return count;
}

/* Rows of the named columns to the reader. */
static gw_rc
emit_rows(fake_statement *s, const fake_data *d, const fake_texts *names, const fake_row **rows, size_t count)
{
    const char **const values = gw_new_array(s->scratch, const char *, names->len + 1);
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < names->len; n++) {
            const size_t at = column_of(d, gw_str_of(names->at[n]));
            if (at == d->columns.len)
                return fake_table_fail(s->e, "42703", "no such column", names->at[n]);
            values[n] = rows[i]->values[at];
        }
        if (!emit(s, names->len, values))
            break;
    }
    return GODWIT_OK;
}

static gw_rc
select_from(fake_statement *s, const fake_texts *names, bool newest)
{
    fake_table *t = NULL;
    condition where;
    GW_TRY(fake_expect(s, "FROM"));
    GW_TRY(read_table(s, &t));
    const fake_data *const d = fake_table_seen(s->conn, t);
    size_t order = d->columns.len;
    GW_TRY(read_where(s, d, &where));
    if (fake_accept(s, "ORDER") && fake_accept(s, "BY"))
        GW_TRY(read_column(s, d, &order));
    const fake_row **const rows = gw_new_array(s->scratch, const fake_row *, d->rows.len + 1);
    const size_t count = pick(d, &where, order, rows);
    if (names->len == 1 && strcmp(names->at[0], "count") == 0) {
        (void)emit(s, 1, (const char *const[]){gw_printf(s->scratch, "%zu", count)});
        return GODWIT_OK;
    }
    return newest && count > 0 ? emit_rows(s, d, names, rows + count - 1, 1) : emit_rows(s, d, names, rows, count);
}

static gw_rc
read_names(fake_statement *s, fake_texts *out)
{
    do {
        if (s->token.kind != GW_TOKEN_WORD)
            return fake_wrong(s);
        *gw_vec_push(s->scratch, out) = gw_strdup(s->scratch, s->token.text);
        fake_advance(s);
        if (fake_accept(s, "(") && !(fake_accept(s, "*") && fake_accept(s, ")")))
            return fake_wrong(s);
    } while (fake_accept(s, ","));
    return GODWIT_OK;
}

/* CASE WHEN held THEN 1 ELSE 0 END */
static gw_rc
select_case(fake_statement *s)
{
    static const char *const words[] = {"THEN", "1", "ELSE", "0", "END"};
    bool held = false;
    GW_TRY(fake_expect(s, "WHEN"));
    GW_TRY(fake_read_held(s, &held));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        GW_TRY(fake_expect(s, words[i]));
    (void)emit(s, 1, (const char *const[]){held ? "1" : "0"});
    return GODWIT_OK;
}

static gw_rc
run_select(fake_statement *s)
{
    fake_texts names = {0}, values = {0};
    if (fake_accept(s, "CASE"))
        return select_case(s);
    const bool is_value = gw_str_is_nocase(s->token.text, "NULL") || gw_str_is_nocase(s->token.text, "STATE_OF");
    if (s->token.kind == GW_TOKEN_WORD && !is_value) {
        GW_TRY(read_names(s, &names));
        return select_from(s, &names, false);
    }
    GW_TRY(fake_read_values(s, &values));
    (void)emit(s, values.len, values.at);
    return GODWIT_OK;
}

static gw_rc
run_newest(fake_statement *s)
{
    fake_texts names = {0};
    GW_TRY(read_names(s, &names));
    return select_from(s, &names, true);
}

static fake_table *
table_in(fake_statement *s, const char *schema, const char *name)
{
    const bool qualified = strcmp(schema, "public") != 0;
    return fake_table_of(s->conn->database, qualified ? gw_printf(s->arena, "%s.%s", schema, name) : name);
}

/* COLUMNS 'schema' 'table' 'table of leases': HERE is the schema of bare names. */
static gw_rc
run_columns(fake_statement *s)
{
    const char *schema = "public", *name = NULL, *leases = NULL;
    if (!fake_accept(s, "HERE"))
        GW_TRY(fake_read_value(s, &schema));
    GW_TRY(fake_read_value(s, &name));
    GW_TRY(fake_read_value(s, &leases));
    const bool has_leases = fake_table_seen(s->conn, table_in(s, schema, leases))->exists;
    const fake_data *const d = fake_table_seen(s->conn, table_in(s, schema, name));
    bool goes_on = emit(s, 2, (const char *const[]){"", has_leases ? "1" : NULL});
    for (size_t i = 0; goes_on && i < d->columns.len; i++)
        goes_on = emit(s, 1, (const char *const[]){d->columns.at[i]});
    return GODWIT_OK;
}

static gw_rc
run_lease(fake_statement *s)
{
    const char *const verb = gw_strdup(s->scratch, s->token.text), *name = NULL;
    fake_advance(s);
    GW_TRY(fake_read_name(s, &name));
    return fake_lease_run(s->conn, verb, fake_table_of(s->conn->database, name), s->params, s->fn, s->ctx, s->e);
}

static gw_rc
run_last(fake_statement *s)
{
    GW_TRY(fake_expect(s, "NUMBER"));
    (void)emit(s, 1, (const char *const[]){gw_printf(s->scratch, "%lld", (long long)s->conn->last_number)});
    return GODWIT_OK;
}

static gw_rc
run_sleep(fake_statement *s)
{
    enum { HALF_A_MINUTE = 30000 };
    (void)fake_accept(s, "AGAIN");
    const int64_t end = gw_clock_ms() + HALF_A_MINUTE;
    while (gw_clock_ms() < end) {
        if (atomic_load(&s->conn->cancelled))
            return gw_fail(s->e, GODWIT_INTERRUPTED, "interrupted");
        fake_turn_nap(5);
    }
    return GODWIT_OK;
}

static gw_rc
find_setting(fake_statement *s, const char ***out)
{
    for (size_t i = 0; i < FAKE_SETTINGS; i++)
        if (fake_accept(s, initial_settings[i].name)) {
            *out = &s->conn->settings[i];
            return GODWIT_OK;
        }
    return fake_wrong(s);
}

static gw_rc
run_set(fake_statement *s)
{
    const char **setting = NULL;
    GW_TRY(find_setting(s, &setting));
    *setting = gw_strdup(s->arena, s->token.text);
    fake_advance(s);
    return GODWIT_OK;
}

static gw_rc
run_show(fake_statement *s)
{
    const char **setting = NULL;
    GW_TRY(find_setting(s, &setting));
    (void)emit(s, 1, setting);
    return GODWIT_OK;
}

static const struct {
    const char *word;
    gw_rc (*run)(fake_statement *s);
} verbs[] = {
    {"ALTER", run_alter},   {"COLUMNS", run_columns}, {"CREATE", run_create}, {"DELETE", run_delete},
    {"DROP", run_drop},     {"INSERT", run_insert},   {"LAST", run_last},     {"LEASE", run_lease},
    {"NEWEST", run_newest}, {"SELECT", run_select},   {"SET", run_set},       {"SHOW", run_show},
    {"SLEEP", run_sleep},   {"UPDATE", run_update},
};

static gw_rc
run_words(fake_statement *s)
{
    fake_advance(s);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (fake_accept(s, verbs[i].word)) {
            GW_TRY(verbs[i].run(s));
            return s->token.kind == GW_TOKEN_END ? GODWIT_OK : fake_wrong(s);
        }
    return fake_wrong(s);
}

gw_rc
fake_sql_run(fake_session *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_SCOPE(scratch);
    fake_statement s = {.scratch = scratch,
                        .arena = fake_table_arena(),
                        .conn = c,
                        .params = params,
                        .count = count,
                        .fn = fn,
                        .ctx = ctx,
                        .e = e};
    s.lexer = gw_lex(sql, (gw_dialect){.kind = GW_DIALECT_POSTGRES});
    c->affected = 0;
    return run_words(&s);
}

/* Tab-separated lines; \\N is null, a doubled backslash is one. */
static gw_rc
copy_line(fake_statement *s, fake_table *t, gw_str line)
{
    fake_texts values = {0};
    while (line.ptr != NULL) {
        gw_str rest;
        const gw_str field = gw_str_cut(line, '\t', &rest);
        gw_buf out = gw_buf_new(s->arena);
        for (size_t i = 0; i < field.len; i++) {
            i += field.ptr[i] == '\\' && i + 1 < field.len;
            gw_buf_putc(&out, field.ptr[i]);
        }
        *gw_vec_push(s->arena, &values) = gw_str_is(field, "\\N") ? NULL : gw_buf_text(&out);
        line = rest;
    }
    if (values.at[0] != NULL && strspn(values.at[0], "0123456789") != strlen(values.at[0]))
        return fake_table_fail(s->e, "22P02", "no number", values.at[0]);
    return insert_row(s, t, &values);
}

gw_rc
fake_sql_copy(fake_session *c, gw_str sql, gw_str data, gw_err *e)
{
    GW_SCOPE(scratch);
    fake_statement s = {.scratch = scratch, .arena = fake_table_arena(), .conn = c, .e = e};
    fake_table *t = NULL;
    s.lexer = gw_lex(sql, (gw_dialect){.kind = GW_DIALECT_POSTGRES});
    fake_advance(&s);
    GW_TRY(fake_expect(&s, "COPY"));
    GW_TRY(read_table(&s, &t));
    const bool own = !c->in_transaction; /* all lines or none */
    gw_rc rc = GODWIT_OK;
    c->in_transaction = true;
    while (rc == GODWIT_OK && data.len > 0) {
        gw_str rest;
        rc = copy_line(&s, t, gw_str_cut(data, '\n', &rest));
        data = rest;
    }
    if (own) {
        fake_table_end(c, rc == GODWIT_OK);
        c->in_transaction = false;
    }
    return rc;
}
