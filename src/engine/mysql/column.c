#include "engine/mysql/column.h"

#include "sql/cursor.h"

#include "base/ban.h"

/* What a size in brackets says, and how it is looked for. */
typedef enum size_kind { ANY_SIZE, LENGTH, PRECISION } size_kind;

/* Left out are names that mean another type in some sql_mode, and those whose type depends on a size. A character type whose
 * character set is binary is a binary one. */
static const struct {
    const char *word, *types;
    size_kind size;
    bool is_number;
    bool may_be_period; /* then it is NOT NULL, unsaid */
} types[] = {
    {"TINYINT", "'tinyint'", ANY_SIZE, true},
    {"BOOL", "'tinyint'", ANY_SIZE, true},
    {"BOOLEAN", "'tinyint'", ANY_SIZE, true},
    {"SMALLINT", "'smallint'", ANY_SIZE, true},
    {"MEDIUMINT", "'mediumint'", ANY_SIZE, true},
    {"INT", "'int'", ANY_SIZE, true},
    {"INTEGER", "'int'", ANY_SIZE, true},
    {"BIGINT", "'bigint'", ANY_SIZE, true},
    {"DECIMAL", "'decimal'", PRECISION, true},
    {"NUMERIC", "'decimal'", PRECISION, true},
    {"VARCHAR", "'varchar', 'varbinary'", LENGTH, false},
    {"DATETIME", "'datetime'", ANY_SIZE, false, true},
    {"ENUM", "'enum'", ANY_SIZE, false},
};
enum { TYPES = sizeof(types) / sizeof(types[0]), LONGEST = 16000 };

/* "(20)", "(10, 2)" as numbers; the second is 0 when it is not said. False: something else, or nothing. */
static bool
read_size(gw_cursor *c, int64_t *first, int64_t *second)
{
    int64_t *const sizes[] = {first, second};
    *first = *second = 0;
    if (c->t.kind != GW_TOKEN_OPEN)
        return false;
    for (size_t i = 0; i < 2; i++) {
        gw_cursor_next(c); /* the bracket, or a comma */
        if (c->t.kind != GW_TOKEN_NUMBER)
            return false;
        *sizes[i] = strtoll(c->t.text.ptr, NULL, 10);
        gw_cursor_next(c);
        if (!gw_cursor_sign(c, ','))
            break;
    }
    return c->t.kind == GW_TOKEN_CLOSE;
}

/* False: without its size the type is not certain either. A VARCHAR that is too long may become a TEXT. */
static bool
add_size(gw_buf *out, gw_cursor c, size_kind kind)
{
    int64_t first, second;
    const bool is_said = read_size(&c, &first, &second) && first > 0;
    if (kind == LENGTH && is_said && first < LONGEST)
        gw_buf_printf(out, " OR character_maximum_length <> %lld", (long long)first);
    if (kind == PRECISION && is_said)
        gw_buf_printf(out, " OR numeric_precision <> %lld OR numeric_scale <> %lld", (long long)first,
                      (long long)second);
    return kind != LENGTH || (is_said && first < LONGEST);
}

/* Words behind the type that tell something, wherever they stand. */
typedef struct attributes {
    bool is_unsigned, is_not_null, is_more; /* more: it may become NOT NULL unsaid */
} attributes;

static attributes
read_attributes(gw_cursor c)
{
    static const char *const more[] = {"AUTO_INCREMENT", "PRIMARY", "KEY", "GENERATED", "AS", "SERIAL", "ROW"};
    attributes found = {0};
    while (c.t.kind != GW_TOKEN_END) {
        found.is_unsigned |= gw_cursor_is(&c, "UNSIGNED") || gw_cursor_is(&c, "ZEROFILL");
        for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
            found.is_more |= gw_cursor_is(&c, more[i]);
        if (gw_cursor_accept(&c, "NOT NULL"))
            found.is_not_null = true;
        else if (c.t.kind == GW_TOKEN_OPEN)
            gw_cursor_skip_group(&c);
        else
            gw_cursor_next(&c);
    }
    return found;
}

/* Which of them count depends on the server. */
static bool
has_executable_comments(gw_str text)
{
    return memmem(text.ptr, text.len, "/*!", 3) != NULL || memmem(text.ptr, text.len, "/*M!", 4) != NULL;
}

char *
gw_mysql_column_contradicts(gw_arena *a, gw_str definition, gw_dialect dialect)
{
    gw_cursor c = gw_cursor_at(definition, dialect);
    gw_buf out = gw_buf_new(a);
    size_t i = 0;
    while (i < TYPES && !gw_cursor_accept(&c, types[i].word))
        i++;
    if (i == TYPES || gw_cursor_is(&c, "VARYING") || has_executable_comments(definition))
        return NULL;
    const attributes said = read_attributes(c);
    gw_buf_printf(&out, "(data_type NOT IN (%s)", types[i].types);
    if (!add_size(&out, c, types[i].size))
        return NULL;
    if (types[i].is_number)
        gw_buf_printf(&out, " OR LOCATE('unsigned', column_type) %s 0", said.is_unsigned ? "=" : ">");
    if (said.is_not_null)
        gw_buf_puts(&out, " OR is_nullable = 'YES'");
    else if (!said.is_more && !types[i].may_be_period)
        gw_buf_puts(&out, " OR (is_nullable = 'NO' AND column_key <> 'PRI')");
    gw_buf_putc(&out, ')');
    return gw_strdup(a, gw_buf_str(&out));
}
