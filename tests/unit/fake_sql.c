#include "fake_sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sql/lex.h"

static const struct {
    const char *name, *value;
} initial_settings[FAKE_SETTINGS] = {{"path", "public"}, {"zone", "UTC"}};

void
fake_sql_begin(fake_session *s)
{
    for (size_t i = 0; i < FAKE_SETTINGS; i++)
        s->settings[i] = initial_settings[i].value;
}

static size_t
column_of(const fake_data *d, gw_str name)
{
    size_t i = 0;
    while (i < d->columns.len && !gw_str_is(name, d->columns.at[i]))
        i++;
    return i;
}

typedef struct statement {
    gw_arena *scratch, *arena; /* the second lives as long as the tables */
    fake_session *conn;
    gw_lexer lexer;
    gw_token token; /* the next one */
    const gw_param *params;
    size_t count;
    gw_row_fn *fn;
    void *ctx;
    gw_err *e;
} statement;

static void
advance(statement *s)
{
    s->token = gw_lex_solid(&s->lexer);
}

static bool
accept(statement *s, const char *word)
{
    if (!gw_str_is_nocase(s->token.text, word))
        return false;
    advance(s);
    return true;
}

static gw_rc
wrong(statement *s)
{
    s->e->offset = s->lexer.at - s->token.text.len + 1;
    return fake_table_fail(s->e, "42601", "syntax error at or near", gw_strdup(s->scratch, s->token.text));
}

static gw_rc
expect(statement *s, const char *word)
{
    return accept(s, word) ? GODWIT_OK : wrong(s);
}

/* A quoted name or string without its quotes. */
static const char *
bare(const statement *s, gw_str text)
{
    const bool escapes = text.len > 0 && (text.ptr[0] == 'E' || text.ptr[0] == 'e');
    gw_buf out = gw_buf_new(s->arena);
    if (escapes)
        text = gw_str_slice(text, 1, text.len);
    for (size_t i = 1; i + 1 < text.len; i++) {
        if (text.ptr[i] == text.ptr[0] || (escapes && text.ptr[i] == '\\'))
            i++;
        gw_buf_putc(&out, text.ptr[i]);
    }
    return gw_buf_text(&out);
}

/* A name of one or two parts, as "schema.table"; one part means public. */
static gw_rc
read_name(statement *s, const char **out)
{
    const char *parts[2] = {0};
    size_t count = 0;
    do {
        if (count == 2 || (s->token.kind != GW_TOKEN_WORD && s->token.kind != GW_TOKEN_QUOTED))
            return wrong(s);
        const bool is_quoted = s->token.kind == GW_TOKEN_QUOTED;
        parts[count++] = is_quoted ? bare(s, s->token.text) : gw_strdup(s->arena, s->token.text);
        advance(s);
    } while (accept(s, "."));
    const bool qualified = count == 2 && strcmp(parts[0], "public") != 0;
    *out = qualified ? gw_printf(s->arena, "%s.%s", parts[0], parts[1]) : parts[count - 1];
    return GODWIT_OK;
}

static gw_rc
read_value(statement *s, const char **out)
{
    const gw_token t = s->token;
    if (t.kind == GW_TOKEN_NUMBER) {
        *out = gw_strdup(s->arena, t.text);
    } else if (t.kind == GW_TOKEN_STRING) {
        *out = bare(s, t.text);
    } else if (t.kind == GW_TOKEN_PARAMETER) {
        const size_t index = (size_t)strtoul(gw_strdup(s->scratch, gw_str_slice(t.text, 1, t.text.len)), NULL, 10);
        assert(index >= 1 && index <= s->count);
        *out = gw_text(s->arena, s->params[index - 1].text);
    } else if (gw_str_is_nocase(t.text, "NULL")) {
        *out = NULL;
    } else {
        return wrong(s);
    }
    advance(s);
    return GODWIT_OK;
}

typedef gw_vec(const char *) texts;

static gw_rc
read_values(statement *s, texts *out)
{
    do {
        const char *value = NULL;
        GW_TRY(read_value(s, &value));
        *gw_vec_push(s->arena, out) = value;
    } while (accept(s, ","));
    return GODWIT_OK;
}

/* A table that must exist. */
static gw_rc
read_table(statement *s, fake_table **out)
{
    const char *name = NULL;
    GW_TRY(read_name(s, &name));
    *out = fake_table_of(s->conn->database, name);
    return fake_table_seen(s->conn, *out)->exists ? GODWIT_OK : fake_table_fail(s->e, "42P01", "no such table", name);
}

static gw_rc
read_column(statement *s, const fake_data *d, size_t *out)
{
    *out = column_of(d, s->token.text);
    if (*out == d->columns.len)
        return wrong(s);
    advance(s);
    return GODWIT_OK;
}

/* WHERE column = value; without it every row fits. */
typedef struct condition {
    bool any;
    size_t column;
    const char *value;
} condition;

static gw_rc
read_where(statement *s, const fake_data *d, condition *out)
{
    *out = (condition){.any = true};
    if (!accept(s, "WHERE"))
        return GODWIT_OK;
    out->any = false;
    GW_TRY(read_column(s, d, &out->column));
    GW_TRY(expect(s, "="));
    return read_value(s, &out->value);
}

static bool
fits(const condition *w, const fake_row *r)
{
    const char *const value = w->any ? NULL : r->values[w->column];
    return w->any || (value != NULL && w->value != NULL && strcmp(value, w->value) == 0);
}

static bool
emit(statement *s, size_t count, const char *const *values)
{
    return s->fn == NULL || s->fn(s->ctx, count, values);
}

static gw_rc
run_create(statement *s)
{
    const char *name = NULL;
    fake_data *d = NULL;
    if (accept(s, "SCHEMA"))
        return accept(s, "IF") ? (advance(s), advance(s), read_name(s, &name)) : read_name(s, &name);
    GW_TRY(expect(s, "TABLE"));
    const bool calm = accept(s, "IF") && accept(s, "NOT") && accept(s, "EXISTS");
    GW_TRY(read_name(s, &name));
    fake_table *const t = fake_table_of(s->conn->database, name);
    if (fake_table_seen(s->conn, t)->exists)
        return calm ? GODWIT_OK : fake_table_fail(s->e, "42P07", "there is such a table", name);
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    *d = (fake_data){.exists = true};
    GW_TRY(expect(s, "("));
    do {
        *gw_vec_push(s->arena, &d->columns) = gw_strdup(s->arena, s->token.text);
        while (s->token.kind != GW_TOKEN_END && !gw_str_is(s->token.text, ",") && !gw_str_is(s->token.text, ")"))
            advance(s);
    } while (accept(s, ","));
    return expect(s, ")");
}

static gw_rc
drop_schema(statement *s)
{
    const char *name = NULL;
    GW_TRY(read_name(s, &name));
    return fake_table_drop_all(s->conn, s->conn->database, gw_printf(s->scratch, "%s.", name), s->e);
}

static gw_rc
run_drop(statement *s)
{
    const char *name = NULL;
    fake_data *d = NULL;
    if (accept(s, "SCHEMA"))
        return drop_schema(s);
    GW_TRY(expect(s, "TABLE"));
    const bool calm = accept(s, "IF") && accept(s, "EXISTS");
    GW_TRY(read_name(s, &name));
    fake_table *const t = fake_table_of(s->conn->database, name);
    if (!fake_table_seen(s->conn, t)->exists && !calm)
        return fake_table_fail(s->e, "42P01", "no such table", name);
    if (!fake_table_seen(s->conn, t)->exists) {
        if (s->conn->notice != NULL)
            s->conn->notice(s->conn->notice_ctx, gw_printf(s->scratch, "no such table: %s", name));
        return GODWIT_OK;
    }
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    *d = (fake_data){0};
    return GODWIT_OK;
}

static gw_rc
run_alter(statement *s)
{
    fake_table *t = NULL;
    fake_data *d = NULL;
    GW_TRY(expect(s, "TABLE"));
    GW_TRY(read_table(s, &t));
    GW_TRY(expect(s, "ADD"));
    GW_TRY(expect(s, "COLUMN"));
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    for (size_t i = 0; i < d->rows.len; i++) {
        const char **const wider = gw_new_array(s->arena, const char *, d->columns.len + 1);
        memcpy(wider, d->rows.at[i].values, d->columns.len * sizeof(char *));
        d->rows.at[i].values = wider;
    }
    *gw_vec_push(s->arena, &d->columns) = gw_strdup(s->arena, s->token.text);
    advance(s); /* its type */
    advance(s);
    return GODWIT_OK;
}

static gw_rc
insert_row(statement *s, fake_table *t, const texts *values)
{
    fake_data *d = NULL;
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    if (values->len > d->columns.len)
        return fake_table_fail(s->e, "42601", "more values than columns", t->name);
    fake_row *const r = gw_vec_push(s->arena, &d->rows);
    r->values = gw_new_array(s->arena, const char *, d->columns.len + 1);
    for (size_t i = 0; i < values->len; i++)
        r->values[i] = values->at[i];
    return GODWIT_OK;
}

static int64_t
next_number(const fake_data *d)
{
    return d->rows.len == 0 ? 1 : strtoll(d->rows.at[d->rows.len - 1].values[0], NULL, 10) + 1;
}

static gw_rc
run_insert(statement *s)
{
    fake_table *t = NULL;
    texts values = {0};
    GW_TRY(expect(s, "INTO"));
    GW_TRY(read_table(s, &t));
    if (accept(s, "NEXT")) {
        s->conn->last_number = next_number(fake_table_seen(s->conn, t));
        *gw_vec_push(s->arena, &values) = gw_printf(s->arena, "%lld", (long long)s->conn->last_number);
    }
    GW_TRY(expect(s, "VALUES"));
    GW_TRY(expect(s, "("));
    GW_TRY(read_values(s, &values));
    GW_TRY(expect(s, ")"));
    return insert_row(s, t, &values);
}

static gw_rc
run_update(statement *s)
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
    GW_TRY(expect(s, "SET"));
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    do {
        assert(count < sizeof(sets) / sizeof(sets[0]));
        GW_TRY(read_column(s, d, &sets[count].column));
        GW_TRY(expect(s, "="));
        GW_TRY(read_value(s, &sets[count++].value));
    } while (accept(s, ","));
    GW_TRY(read_where(s, d, &where));
    for (size_t i = 0; i < d->rows.len; i++)
        for (size_t n = 0; n < count && fits(&where, &d->rows.at[i]); n++)
            d->rows.at[i].values[sets[n].column] = sets[n].value;
    return GODWIT_OK;
}

static gw_rc
run_delete(statement *s)
{
    fake_table *t = NULL;
    fake_data *d = NULL;
    condition where;
    GW_TRY(expect(s, "FROM"));
    GW_TRY(read_table(s, &t));
    GW_TRY(fake_table_change(s->conn, t, &d, s->e));
    GW_TRY(read_where(s, d, &where));
    size_t kept = 0;
    for (size_t i = 0; i < d->rows.len; i++)
        if (!fits(&where, &d->rows.at[i]))
            d->rows.at[kept++] = d->rows.at[i];
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
emit_rows(statement *s, const fake_data *d, const texts *names, const fake_row **rows, size_t count)
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
select_from(statement *s, const texts *names, bool newest)
{
    fake_table *t = NULL;
    condition where;
    GW_TRY(expect(s, "FROM"));
    GW_TRY(read_table(s, &t));
    const fake_data *const d = fake_table_seen(s->conn, t);
    size_t order = d->columns.len;
    GW_TRY(read_where(s, d, &where));
    if (accept(s, "ORDER") && accept(s, "BY"))
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
read_names(statement *s, texts *out)
{
    do {
        if (s->token.kind != GW_TOKEN_WORD)
            return wrong(s);
        *gw_vec_push(s->scratch, out) = gw_strdup(s->scratch, s->token.text);
        advance(s);
        if (accept(s, "(") && !(accept(s, "*") && accept(s, ")")))
            return wrong(s);
    } while (accept(s, ","));
    return GODWIT_OK;
}

static gw_rc
run_select(statement *s)
{
    texts names = {0}, values = {0};
    if (s->token.kind == GW_TOKEN_WORD && !gw_str_is_nocase(s->token.text, "NULL")) {
        GW_TRY(read_names(s, &names));
        return select_from(s, &names, false);
    }
    GW_TRY(read_values(s, &values));
    (void)emit(s, values.len, values.at);
    return GODWIT_OK;
}

static gw_rc
run_newest(statement *s)
{
    texts names = {0};
    GW_TRY(read_names(s, &names));
    return select_from(s, &names, true);
}

static gw_rc
run_columns(statement *s)
{
    const char *name = NULL;
    GW_TRY(read_name(s, &name));
    const fake_data *const d = fake_table_seen(s->conn, fake_table_of(s->conn->database, name));
    for (size_t i = 0; i < d->columns.len; i++)
        if (!emit(s, 1, (const char *const[]){d->columns.at[i]}))
            break;
    return GODWIT_OK;
}

static gw_rc
run_last(statement *s)
{
    GW_TRY(expect(s, "NUMBER"));
    (void)emit(s, 1, (const char *const[]){gw_printf(s->scratch, "%lld", (long long)s->conn->last_number)});
    return GODWIT_OK;
}

static gw_rc
run_sleep(statement *s)
{
    enum { HALF_A_MINUTE = 30000 };
    (void)accept(s, "AGAIN");
    const int64_t end = gw_clock_ms() + HALF_A_MINUTE;
    while (gw_clock_ms() < end) {
        if (atomic_load(&s->conn->cancelled))
            return gw_fail(s->e, GODWIT_INTERRUPTED, "interrupted");
        gw_sleep_ms(5);
    }
    return GODWIT_OK;
}

static gw_rc
find_setting(statement *s, const char ***out)
{
    for (size_t i = 0; i < FAKE_SETTINGS; i++)
        if (accept(s, initial_settings[i].name)) {
            *out = &s->conn->settings[i];
            return GODWIT_OK;
        }
    return wrong(s);
}

static gw_rc
run_set(statement *s)
{
    const char **setting = NULL;
    GW_TRY(find_setting(s, &setting));
    *setting = gw_strdup(s->arena, s->token.text);
    advance(s);
    return GODWIT_OK;
}

static gw_rc
run_show(statement *s)
{
    const char **setting = NULL;
    GW_TRY(find_setting(s, &setting));
    (void)emit(s, 1, setting);
    return GODWIT_OK;
}

static const struct {
    const char *word;
    gw_rc (*run)(statement *s);
} verbs[] = {
    {"ALTER", run_alter},   {"COLUMNS", run_columns}, {"CREATE", run_create}, {"DELETE", run_delete},
    {"DROP", run_drop},     {"INSERT", run_insert},   {"LAST", run_last},     {"NEWEST", run_newest},
    {"SELECT", run_select}, {"SET", run_set},         {"SHOW", run_show},     {"SLEEP", run_sleep},
    {"UPDATE", run_update},
};

static gw_rc
run_words(statement *s)
{
    advance(s);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (accept(s, verbs[i].word)) {
            GW_TRY(verbs[i].run(s));
            return s->token.kind == GW_TOKEN_END ? GODWIT_OK : wrong(s);
        }
    return wrong(s);
}

gw_rc
fake_sql_run(fake_session *c, gw_str sql, const gw_param *params, size_t count, gw_row_fn *fn, void *ctx, gw_err *e)
{
    GW_SCOPE(scratch);
    statement s = {.scratch = scratch,
                   .arena = fake_table_arena(),
                   .conn = c,
                   .params = params,
                   .count = count,
                   .fn = fn,
                   .ctx = ctx,
                   .e = e};
    s.lexer = gw_lex(sql, (gw_dialect){.kind = GW_DIALECT_POSTGRES});
    return run_words(&s);
}

/* Tab-separated lines; \\N is null, a doubled backslash is one. */
static gw_rc
copy_line(statement *s, fake_table *t, gw_str line)
{
    texts values = {0};
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
    statement s = {.scratch = scratch, .arena = fake_table_arena(), .conn = c, .e = e};
    fake_table *t = NULL;
    s.lexer = gw_lex(sql, (gw_dialect){.kind = GW_DIALECT_POSTGRES});
    advance(&s);
    GW_TRY(expect(&s, "COPY"));
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
