/* What statements leave in their session, and what relies on it. */
#include "sql/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cases.h"
#include "sql/call.h"
#include "sql/reliance.h"

static const char *const sources[] = {
    [GW_MEMORY_SAME] = "same", [GW_MEMORY_MOMENT] = "moment", [GW_MEMORY_ACTS] = "acts"};
static const char *const acts[] = {
    [GW_MEMORY_SETS] = "sets", [GW_MEMORY_MAY_SET] = "may set", [GW_MEMORY_ENDS] = "ends", [GW_MEMORY_TELLS] = "tells"};

/* One line a statement: what it leaves, and from what. */
static gw_str
leaves(gw_arena *a, const test_case *c, void *ctx)
{
    const gw_dialect d = {.kind = *(const gw_dialect_kind *)ctx};
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = c->input; rest.ptr != NULL;) {
        gw_memory m;
        gw_memory_read(a, gw_str_cut(rest, '\n', &rest), d, &m);
        gw_buf_printf(&out, "%s%s", sources[m.source], m.executes ? ", executes" : "");
        for (size_t i = 0; i < m.items.len; i++)
            gw_buf_printf(&out, "; %s %s%s", acts[m.items.at[i].act], gw_memory_show(a, &m.items.at[i]),
                          m.items.at[i].refuses ? " or fails" : "");
        gw_buf_putc(&out, '\n');
    }
    return gw_buf_str(&out);
}

static void
knows_what_mysql_statements_leave(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_MYSQL;
    assert_int_equal(run_cases("sql/memory_mysql.txt", leaves, &kind), 0);
}

static void
knows_what_postgres_statements_leave(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_POSTGRES;
    assert_int_equal(run_cases("sql/memory_postgres.txt", leaves, &kind), 0);
}

static void
knows_what_sqlite_statements_leave(void **state)
{
    (void)state;
    gw_dialect_kind kind = GW_DIALECT_SQLITE;
    assert_int_equal(run_cases("sql/memory_sqlite.txt", leaves, &kind), 0);
}

/* Input: the dialect; a statement that leaves something; others. Expected: a line for each other: what it relies on. */
static gw_str
relies(gw_arena *a, const test_case *c, void *ctx)
{
    (void)ctx;
    gw_str rest;
    const gw_str dialect = gw_str_cut(c->input, '\n', &rest);
    const gw_dialect d = {.kind = gw_str_is(dialect, "mysql")    ? GW_DIALECT_MYSQL
                                  : gw_str_is(dialect, "sqlite") ? GW_DIALECT_SQLITE
                                                                 : GW_DIALECT_POSTGRES};
    gw_buf out = gw_buf_new(a);
    gw_memory left;
    gw_memory_read(a, gw_str_cut(rest, '\n', &rest), d, &left);
    assert_true(left.items.len > 0);
    while (rest.ptr != NULL) {
        gw_memory m;
        const size_t line = out.len;
        gw_memory_read(a, gw_str_cut(rest, '\n', &rest), d, &m);
        for (size_t i = 0; i < left.items.len; i++)
            if (gw_reliance_on(&m, &left.items.at[i]))
                gw_buf_printf(&out, "%s%s", out.len == line ? "" : ", ", gw_memory_show(a, &left.items.at[i]));
        gw_buf_puts(&out, out.len == line ? "nothing\n" : "\n");
    }
    return gw_buf_str(&out);
}

static void
knows_what_statements_rely_on(void **state)
{
    (void)state;
    assert_int_equal(run_cases("sql/reliance.txt", relies, NULL), 0);
}

/* They are found by their order. */
static void
knows_each_function_by_its_name(void **state)
{
    static const struct {
        const char *names;
        gw_call_class class;
    } rows[] = {
        {"ABS,ALL,AND,ANY,AS,ASCII,BETWEEN,BIN,BINARY,BY,CASE,CAST,CEIL,CEILING,CHAR,CHAR_LENGTH,COALESCE,CONCAT,"
         "CONCAT_WS,CONV,CONVERT,CRC32,CURRENT_USER,DATABASE,DATE,DATE_ADD,DATE_FORMAT,DATE_SUB,DECIMAL,DISTINCT,DIV,"
         "ELSE,ELT,EXISTS,FIELD,FIND_IN_SET,FLOOR,FORMAT,GREATEST,HAVING,HEX,IF,IFNULL,IN,INSTR,INT,INTERVAL,IS,"
         "ISNULL,JSON_ARRAY,JSON_EXTRACT,JSON_OBJECT,JSON_UNQUOTE,LCASE,LEAST,LEFT,LENGTH,LIKE,LIMIT,LIST_ADD,"
         "LIST_DROP,LOCATE,LOWER,LPAD,LTRIM,MD5,MOD,NOT,NULLIF,NUMERIC,ON,OR,ORD,POSITION,POW,POWER,QUOTE,REPEAT,"
         "REPLACE,REVERSE,RIGHT,ROUND,ROW,RPAD,RTRIM,SCHEMA,SELECT,SET_CONFIG,SHA1,SHA2,SIGN,SIGNED,SOME,STR_TO_DATE,"
         "SUBSTR,SUBSTRING,SUBSTRING_INDEX,THEN,TIME,TIMESTAMP,TRIM,TRUNCATE,UCASE,UNHEX,UNION,UNSIGNED,UPPER,USER,"
         "USING,VALUE,VALUES,VARCHAR,VERSION,WHEN,WHERE,XOR,YEAR",
         GW_CALL_SAME},
        {"AVG,CHANGES,CONNECTION_ID,COUNT,CURDATE,CURRENT_DATE,CURRENT_SETTING,CURRENT_TIME,CURRENT_TIMESTAMP,CURTIME,"
         "FOUND_ROWS,FROM,FROM_UNIXTIME,GEN_RANDOM_UUID,GROUP_CONCAT,LAST_INSERT_ID,LAST_INSERT_ROWID,LOCALTIME,"
         "LOCALTIMESTAMP,MAX,MIN,NOW,RAND,RANDOM,ROW_COUNT,STRING_AGG,SUM,SYSDATE,TOTAL_CHANGES,UNIX_TIMESTAMP,"
         "UTC_DATE,UTC_TIME,UTC_TIMESTAMP,UUID,UUID_SHORT,uuid,cOuNt",
         GW_CALL_MOMENT},
        {"AB,ABSO,ZONE,A,SUBSTRINGS,NEXTVAL,GET_LOCK,SLEEP,`count`,db.count", GW_CALL_ACTS},
    };
    (void)state;
    GW_SCOPE(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (gw_str rest = gw_str_of(rows[i].names); rest.ptr != NULL;) {
            const gw_str name = gw_str_cut(rest, ',', &rest);
            const char *const text = gw_printf(a, "SELECT %.*s(1)", GW_STR_ARG(name));
            if (gw_call_classify(gw_str_of(text), (gw_dialect){.kind = GW_DIALECT_MYSQL}) != rows[i].class)
                fail_msg("%s is not of class %d", text, rows[i].class);
        }
    const gw_str qualified = GW_STR_LIT("SELECT pg_catalog.count(1)");
    assert_int_equal(gw_call_classify(qualified, (gw_dialect){.kind = GW_DIALECT_POSTGRES}), GW_CALL_MOMENT);
}

/* What comes in must not decide how deep we go, or make us slow. */
static void
reads_long_statements_in_linear_time(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    GW_SCOPE(a);
    const gw_dialect d = {.kind = GW_DIALECT_MYSQL};
    gw_buf text = gw_buf_new(a);
    gw_memory m;
    gw_buf_puts(&text, "SET @a = 1");
    for (unsigned i = 0; i < COUNT; i++)
        gw_buf_printf(&text, ", @v%u = (('@x := 1'))", i);
    gw_memory_read(a, gw_buf_str(&text), d, &m);
    assert_int_equal(m.items.len, 2 * COUNT + 1);
    assert_false(gw_reliance_on(&m, &m.items.at[0]));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_mysql_statements_leave),  cmocka_unit_test(knows_what_postgres_statements_leave),
        cmocka_unit_test(knows_what_sqlite_statements_leave), cmocka_unit_test(knows_what_statements_rely_on),
        cmocka_unit_test(knows_each_function_by_its_name),    cmocka_unit_test(reads_long_statements_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
