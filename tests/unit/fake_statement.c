#include "fake_statement.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fake_world.h"

void
fake_advance(fake_statement *s)
{
    s->token = gw_lex_solid(&s->lexer);
}

bool
fake_accept(fake_statement *s, const char *word)
{
    if (!gw_str_is_nocase(s->token.text, word))
        return false;
    fake_advance(s);
    return true;
}

gw_rc
fake_wrong(fake_statement *s)
{
    s->e->offset = s->lexer.at - s->token.text.len + 1;
    return fake_table_fail(s->e, "42601", "syntax error at or near", gw_strdup(s->scratch, s->token.text));
}

gw_rc
fake_expect(fake_statement *s, const char *word)
{
    return fake_accept(s, word) ? GODWIT_OK : fake_wrong(s);
}

/* A quoted name or string without its quotes. */
static const char *
bare(const fake_statement *s, gw_str text)
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
gw_rc
fake_read_name(fake_statement *s, const char **out)
{
    const char *parts[2] = {0};
    size_t count = 0;
    do {
        if (count == 2 || (s->token.kind != GW_TOKEN_WORD && s->token.kind != GW_TOKEN_QUOTED))
            return fake_wrong(s);
        const bool is_quoted = s->token.kind == GW_TOKEN_QUOTED;
        parts[count++] = is_quoted ? bare(s, s->token.text) : gw_strdup(s->arena, s->token.text);
        fake_advance(s);
    } while (fake_accept(s, "."));
    const bool qualified = count == 2 && strcmp(parts[0], "public") != 0;
    *out = qualified ? gw_printf(s->arena, "%s.%s", parts[0], parts[1]) : parts[count - 1];
    return GODWIT_OK;
}

static bool
has_column(const fake_data *d, const char *name)
{
    for (size_t i = 0; i < d->columns.len; i++)
        if (strcmp(d->columns.at[i], name) == 0)
            return d->exists;
    return false;
}

/* STATE_OF t: "absent", or "v" and how often its definition was changed. STATE_OF t COLUMN c: "absent" or "there". */
static gw_rc
read_state(fake_statement *s, const char **out)
{
    const char *name = NULL;
    GW_TRY(fake_read_name(s, &name));
    const fake_data *const d = fake_table_seen(s->conn, fake_table_of(s->conn->database, name));
    *out = d->exists ? gw_printf(s->arena, "v%u", d->version) : "absent";
    if (!fake_accept(s, "COLUMN"))
        return GODWIT_OK;
    GW_TRY(fake_read_name(s, &name));
    *out = has_column(d, name) ? "there" : "absent";
    return GODWIT_OK;
}

/* APPEND (text, more, more): "textmore,more". */
static gw_rc
read_append(fake_statement *s, const char **out)
{
    gw_buf text = gw_buf_new(s->arena);
    GW_TRY(fake_expect(s, "("));
    for (size_t i = 0; i == 0 || fake_accept(s, ","); i++) {
        const char *value = NULL;
        GW_TRY(fake_read_value(s, &value));
        gw_buf_printf(&text, "%s%s", i > 1 ? "," : "", value == NULL ? "" : value);
    }
    *out = gw_buf_text(&text);
    return fake_expect(s, ")");
}

/* ENDED state: the time, unless the state is "running". */
static gw_rc
read_ended(fake_statement *s, const char **out)
{
    const char *state = NULL;
    GW_TRY(fake_read_value(s, &state));
    *out = state != NULL && strcmp(state, "running") == 0 ? NULL : FAKE_NOW;
    return GODWIT_OK;
}

gw_rc
fake_read_value(fake_statement *s, const char **out)
{
    if (fake_accept(s, "STATE_OF"))
        return read_state(s, out);
    if (fake_accept(s, "APPEND"))
        return read_append(s, out);
    if (fake_accept(s, "ENDED"))
        return read_ended(s, out);
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
    } else if (gw_str_is_nocase(t.text, "NOW")) {
        *out = FAKE_NOW;
    } else if (gw_str_is_nocase(t.text, "LAST")) {
        *out = gw_printf(s->arena, "%lld", (long long)s->conn->last_number);
    } else {
        return fake_wrong(s);
    }
    fake_advance(s);
    return GODWIT_OK;
}

gw_rc
fake_read_values(fake_statement *s, fake_texts *out)
{
    do {
        const char *value = NULL;
        GW_TRY(fake_read_value(s, &value));
        *gw_vec_push(s->arena, out) = value;
    } while (fake_accept(s, ","));
    return GODWIT_OK;
}

/* 1 = 1, or HELD 'key' BY number: that connection holds the lock. */
gw_rc
fake_read_held(fake_statement *s, bool *out)
{
    const char *key = NULL, *number = NULL;
    *out = true;
    if (!fake_accept(s, "HELD")) {
        GW_TRY(fake_expect(s, "1"));
        GW_TRY(fake_expect(s, "="));
        return fake_expect(s, "1");
    }
    GW_TRY(fake_read_value(s, &key));
    GW_TRY(fake_expect(s, "BY"));
    GW_TRY(fake_read_value(s, &number));
    const fake_conn *const owner = fake_lock_of(key)->owner;
    *out = owner != NULL && owner->number == strtoll(number, NULL, 10);
    return GODWIT_OK;
}

gw_rc
fake_read_guard(fake_statement *s, bool *out)
{
    *out = true;
    const bool must = fake_accept(s, "MUST");
    if (!must && !fake_accept(s, "IF"))
        return GODWIT_OK;
    GW_TRY(fake_read_held(s, out));
    return *out || !must ? GODWIT_OK : fake_table_fail(s->e, "22012", "the guard does not hold", "MUST");
}
