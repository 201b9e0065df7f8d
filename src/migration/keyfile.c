#include "migration/keyfile.h"

#include <string.h>

gw_rc
gw_keyfile_fail(const gw_keyfile *f, gw_str where, gw_err *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)gw_vfail(e, GODWIT_FOLDER, format, args);
    va_end(args);
    return gw_err_at(e, f->path, f->text, (size_t)(where.ptr - f->text.ptr));
}

/* Without its quotes, or without the comment behind it. */
static bool
take_value(gw_str *value)
{
    const char quote = value->len > 0 ? value->ptr[0] : '\0';
    if (quote == '"' || quote == '\'') {
        const char *const end = memchr(value->ptr + 1, quote, value->len - 1);
        if (end == NULL)
            return false;
        const gw_str rest = gw_str_trim((gw_str){end + 1, (size_t)(value->ptr + value->len - end - 1)});
        *value = (gw_str){value->ptr + 1, (size_t)(end - value->ptr - 1)};
        return rest.len == 0 || rest.ptr[0] == '#' || rest.ptr[0] == ';';
    }
    for (size_t i = 1; i < value->len; i++)
        if ((value->ptr[i] == '#' || value->ptr[i] == ';') && (value->ptr[i - 1] == ' ' || value->ptr[i - 1] == '\t'))
            value->len = i;
    *value = gw_str_trim(*value);
    return true;
}

static gw_rc
read_line(gw_arena *a, gw_keyfile *f, gw_str line, gw_str *section, gw_err *e)
{
    gw_str value;
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
        return GODWIT_OK;
    if (line.ptr[0] == '[' && gw_str_ends(line, "]") && line.len > 2) {
        *section = gw_str_trim(gw_str_slice(line, 1, line.len - 1));
        return GODWIT_OK;
    }
    const gw_str key = gw_str_trim(gw_str_cut(line, '=', &value));
    if (value.ptr == NULL || key.len == 0)
        return gw_keyfile_fail(f, line, e, "'key = value' was expected");
    value = gw_str_trim(value);
    const gw_str written = value;
    if (!take_value(&value))
        return gw_keyfile_fail(f, written, e, "the quote of this value is not closed, or something follows it");
    *gw_vec_push(a, &f->lines) = (gw_keyline){*section, key, value};
    return GODWIT_OK;
}

gw_rc
gw_keyfile_read(gw_arena *a, const char *path, gw_str text, gw_keyfile *out, gw_err *e)
{
    gw_str section = {0};
    gw_str rest = gw_str_starts(text, "\xEF\xBB\xBF") ? gw_str_slice(text, 3, text.len) : text;
    *out = (gw_keyfile){.path = path, .text = text};
    while (rest.ptr != NULL)
        GW_TRY(read_line(a, out, gw_str_trim(gw_str_cut(rest, '\n', &rest)), &section, e));
    return GODWIT_OK;
}

const gw_keyline *
gw_keyfile_find(const gw_keyfile *f, const char *section, const char *key)
{
    for (size_t i = f->lines.len; i-- > 0;)
        if (gw_str_is_nocase(f->lines.at[i].section, section) && gw_str_is_nocase(f->lines.at[i].key, key))
            return &f->lines.at[i];
    return NULL;
}

gw_rc
gw_keyfile_switch(const gw_keyfile *f, const gw_keyline *line, bool *out, gw_err *e)
{
    *out = gw_str_is_nocase(line->value, "true");
    if (*out || gw_str_is_nocase(line->value, "false"))
        return GODWIT_OK;
    return gw_keyfile_fail(f, line->value.len > 0 ? line->value : line->key, e, "%.*s is true or false",
                           GW_STR_ARG(line->key));
}
