#include "sql/call.h"

#include <stdlib.h>
#include <string.h>

enum { POSTGRES = 1 << GW_DIALECT_POSTGRES, MYSQL = 1 << GW_DIALECT_MYSQL, SQLITE = 1 << GW_DIALECT_SQLITE };

/* ---- what is known ---- */

/* Functions, and words that parentheses may follow. */
static const char *const same[] = {
    "ABS",
    "ALL",
    "AND",
    "ANY",
    "AS",
    "ASCII",
    "BETWEEN",
    "BIN",
    "BINARY",
    "BY",
    "CASE",
    "CAST",
    "CEIL",
    "CEILING",
    "CHAR",
    "CHAR_LENGTH",
    "COALESCE",
    "CONCAT",
    "CONCAT_WS",
    "CONV",
    "CONVERT",
    "CRC32",
    "CURRENT_USER",
    "DATABASE",
    "DATE",
    "DATE_ADD",
    "DATE_FORMAT",
    "DATE_SUB",
    "DECIMAL",
    "DISTINCT",
    "DIV",
    "ELSE",
    "ELT",
    "EXISTS",
    "FIELD",
    "FIND_IN_SET",
    "FLOOR",
    "FORMAT",
    "GREATEST",
    "HAVING",
    "HEX",
    "IF",
    "IFNULL",
    "IN",
    "INSTR",
    "INT",
    "INTERVAL",
    "IS",
    "ISNULL",
    "JSON_ARRAY",
    "JSON_EXTRACT",
    "JSON_OBJECT",
    "JSON_UNQUOTE",
    "LCASE",
    "LEAST",
    "LEFT",
    "LENGTH",
    "LIKE",
    "LIMIT",
    "LIST_ADD",
    "LIST_DROP",
    "LOCATE",
    "LOWER",
    "LPAD",
    "LTRIM",
    "MD5",
    "MOD",
    "NOT",
    "NULLIF",
    "NUMERIC",
    "ON",
    "OR",
    "ORD",
    "POSITION",
    "POW",
    "POWER",
    "QUOTE",
    "REPEAT",
    "REPLACE",
    "REVERSE",
    "RIGHT",
    "ROUND",
    "ROW",
    "RPAD",
    "RTRIM",
    "SCHEMA",
    "SELECT",
    "SET_CONFIG",
    "SHA1",
    "SHA2",
    "SIGN",
    "SIGNED",
    "SOME",
    "STR_TO_DATE",
    "SUBSTR",
    "SUBSTRING",
    "SUBSTRING_INDEX",
    "THEN",
    "TIME",
    "TIMESTAMP",
    "TRIM",
    "TRUNCATE",
    "UCASE",
    "UNHEX",
    "UNION",
    "UNSIGNED",
    "UPPER",
    "USER",
    "USING",
    "VALUE",
    "VALUES",
    "VARCHAR",
    "VERSION",
    "WHEN",
    "WHERE",
    "XOR",
    "YEAR",
};

static const char *const moment[] = {
    "AVG",
    "CHANGES",
    "CONNECTION_ID",
    "COUNT",
    "CURDATE",
    "CURRENT_DATE",
    "CURRENT_SETTING",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURTIME",
    "FOUND_ROWS",
    "FROM",
    "FROM_UNIXTIME",
    "GEN_RANDOM_UUID",
    "GROUP_CONCAT",
    "LAST_INSERT_ID",
    "LAST_INSERT_ROWID",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "MAX",
    "MIN",
    "NOW",
    "RAND",
    "RANDOM",
    "ROW_COUNT",
    "STRING_AGG",
    "SUM",
    "SYSDATE",
    "TOTAL_CHANGES",
    "UNIX_TIMESTAMP",
    "UTC_DATE",
    "UTC_TIME",
    "UTC_TIMESTAMP",
    "UUID",
    "UUID_SHORT",
};

/* These are calls also without parentheses; NEXT VALUE FOR is MariaDB's nextval(). */
static const struct {
    const char *word;
    gw_call_class class;
} bare[] = {
    {"FROM", GW_CALL_MOMENT},         {"CURRENT_DATE", GW_CALL_MOMENT},
    {"CURRENT_TIME", GW_CALL_MOMENT}, {"CURRENT_TIMESTAMP", GW_CALL_MOMENT},
    {"LOCALTIME", GW_CALL_MOMENT},    {"LOCALTIMESTAMP", GW_CALL_MOMENT},
    {"SYSDATE", GW_CALL_MOMENT},      {"UTC_DATE", GW_CALL_MOMENT},
    {"UTC_TIME", GW_CALL_MOMENT},     {"UTC_TIMESTAMP", GW_CALL_MOMENT},
    {"NEXT", GW_CALL_ACTS},           {"OUTFILE", GW_CALL_ACTS},
    {"DUMPFILE", GW_CALL_ACTS},
};

static int
compare_word(const void *key, const void *row)
{
    const gw_str word = *(const gw_str *)key;
    const char *const other = *(const char *const *)row;
    const int order = strncasecmp(word.ptr, other, word.len);
    return order != 0 ? order : other[word.len] == '\0' ? 0 : -1;
}

static bool
is_one_of(gw_str word, const char *const *words, size_t count)
{
    return bsearch(&word, words, count, sizeof(*words), compare_word) != NULL;
}

/* ---- reading ---- */

typedef struct reading {
    gw_cursor c;
    bool after_dot; /* the name is qualified */
} reading;

static void
go_on(reading *r)
{
    r->after_dot = gw_cursor_sign(&r->c, '.');
    gw_cursor_next(&r->c);
}

static bool
is_called(const reading *r)
{
    gw_cursor next = r->c;
    gw_cursor_next(&next);
    return next.t.kind == GW_TOKEN_OPEN;
}

/* PostgreSQL's own functions may be qualified: pg_catalog.set_config(). */
static bool
is_foreign(const reading *r)
{
    return r->c.t.kind == GW_TOKEN_QUOTED || (r->after_dot && r->c.lex.dialect.kind != GW_DIALECT_POSTGRES);
}

static gw_call_class
class_of(const reading *r)
{
    const gw_str word = r->c.t.text;
    if (r->c.t.kind != GW_TOKEN_WORD && r->c.t.kind != GW_TOKEN_QUOTED)
        return GW_CALL_SAME;
    for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++)
        if (gw_cursor_is(&r->c, bare[i].word) && !r->after_dot)
            return bare[i].class;
    if (!is_called(r))
        return GW_CALL_SAME;
    if (is_foreign(r))
        return GW_CALL_ACTS;
    if (is_one_of(word, same, sizeof(same) / sizeof(same[0])))
        return GW_CALL_SAME;
    return is_one_of(word, moment, sizeof(moment) / sizeof(moment[0])) ? GW_CALL_MOMENT : GW_CALL_ACTS;
}

gw_call_class
gw_call_classify(gw_str statement, gw_dialect dialect)
{
    gw_call_class worst = GW_CALL_SAME;
    reading r = {.c = gw_cursor_at(statement, dialect)};
    for (; r.c.t.kind != GW_TOKEN_END; go_on(&r)) {
        const gw_call_class class = class_of(&r);
        worst = class > worst ? class : worst;
    }
    return worst;
}

/* ---- questions ---- */

/* "()": without an operand. A name that begins with @@ is a variable. */
static const struct {
    const char *name;
    unsigned dialects;
    gw_call_about about;
    bool is_empty;
} questions[] = {
    {"LAST_INSERT_ID", MYSQL, GW_CALL_LAST_ID, true},     {"@@identity", MYSQL, GW_CALL_LAST_ID, false},
    {"@@last_insert_id", MYSQL, GW_CALL_LAST_ID, false},  {"lastval", POSTGRES | MYSQL, GW_CALL_LAST_ID, false},
    {"currval", POSTGRES, GW_CALL_LAST_ID, false},        {"last_insert_rowid", SQLITE, GW_CALL_LAST_ID, false},
    {"ROW_COUNT", MYSQL, GW_CALL_ROW_COUNT, false},       {"FOUND_ROWS", MYSQL, GW_CALL_ROW_COUNT, false},
    {"@@warning_count", MYSQL, GW_CALL_ROW_COUNT, false}, {"@@error_count", MYSQL, GW_CALL_ROW_COUNT, false},
    {"changes", SQLITE, GW_CALL_ROW_COUNT, false},        {"total_changes", SQLITE, GW_CALL_ROW_COUNT, false},
};

/* Of the call at hand. */
static bool
has_operand(const reading *r)
{
    gw_cursor next = r->c;
    gw_cursor_next(&next);
    gw_cursor_next(&next);
    return next.t.kind != GW_TOKEN_CLOSE;
}

/* MySQL's variables may say their scope: @@session.identity. */
static bool
is_variable(const gw_cursor *c, const char *name)
{
    gw_str text = c->t.text;
    if (c->t.kind != GW_TOKEN_PARAMETER || !gw_str_starts(text, "@@"))
        return false;
    gw_str rest;
    const gw_str scope = gw_str_cut(text, '.', &rest);
    const bool is_session = gw_str_is_nocase(scope, "@@session") || gw_str_is_nocase(scope, "@@local");
    if (rest.ptr != NULL && is_session)
        return gw_str_is_nocase(rest, name + 2);
    return gw_str_is_nocase(text, name);
}

bool
gw_call_asks(gw_str statement, gw_dialect dialect, gw_call_about about)
{
    for (reading r = {.c = gw_cursor_at(statement, dialect)}; r.c.t.kind != GW_TOKEN_END; go_on(&r))
        for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
            if (questions[i].about != about || (questions[i].dialects & 1U << dialect.kind) == 0)
                continue;
            if (is_variable(&r.c, questions[i].name))
                return true;
            if (gw_cursor_is(&r.c, questions[i].name) && is_called(&r) && !(questions[i].is_empty && has_operand(&r)))
                return true;
        }
    return false;
}

bool
gw_call_sets_last_id(gw_str statement, gw_dialect dialect)
{
    for (reading r = {.c = gw_cursor_at(statement, dialect)}; r.c.t.kind != GW_TOKEN_END; go_on(&r)) {
        const bool is_postgres = dialect.kind == GW_DIALECT_POSTGRES;
        if (is_postgres && (gw_cursor_is(&r.c, "nextval") || gw_cursor_is(&r.c, "setval")))
            return true;
        if (dialect.kind == GW_DIALECT_MYSQL && gw_cursor_is(&r.c, "LAST_INSERT_ID") && is_called(&r) &&
            has_operand(&r))
            return true;
    }
    return false;
}
