#include "engine/mysql/state.h"

#include "engine/mysql/connection.h"
#include "engine/mysql/statement.h"
#include "mysql_sql.h"
#include "sql/quote.h"

#include "base/ban.h"

enum { MARIADB_KNOWN = 100600, MYSQL_KNOWN = 80021 };

/* What a name is one of. */
typedef enum space { IN_DATABASE, DATABASE, USER, ON_SERVER } space;

enum {
    CREATED = 1 << GW_TARGET_CREATED,
    CHANGED = 1 << GW_TARGET_CHANGED,
    DROPPED = 1 << GW_TARGET_DROPPED,
    ANY = CREATED | CHANGED | DROPPED
};

/* No more is asked than it takes: of a table that is to be created it matters whether it is there, which is known in a tenth of
 * the time that all of it takes. */
static const struct {
    gw_object_kind kind;
    unsigned roles;
    space space;
    const char *mariadb, *mysql; /* NULL: nobody can tell */
    const char *type;            /* "{type}" */
    const char *needs;           /* a table that not every user may read */
} texts[] = {
    {GW_OBJECT_TABLE, CREATED, IN_DATABASE, .mariadb = gw_sql_state_there, .mysql = gw_sql_state_there_mysql},
    {GW_OBJECT_TABLE, DROPPED, IN_DATABASE, .mariadb = gw_sql_state_columns, .mysql = gw_sql_state_columns},
    {GW_OBJECT_TABLE, CHANGED, IN_DATABASE, .mariadb = gw_sql_state_table, .mysql = gw_sql_state_table_mysql},
    {GW_OBJECT_VIEW, CREATED, IN_DATABASE, .mariadb = gw_sql_state_there, .mysql = gw_sql_state_there_mysql},
    {GW_OBJECT_VIEW, CHANGED | DROPPED, IN_DATABASE, .mariadb = gw_sql_state_view, .mysql = gw_sql_state_view_mysql},
    {GW_OBJECT_SEQUENCE, CREATED | DROPPED, IN_DATABASE, .mariadb = gw_sql_state_there},
    {GW_OBJECT_INDEX, ANY, IN_DATABASE, .mariadb = gw_sql_state_index, .mysql = gw_sql_state_index_mysql},
    {GW_OBJECT_TRIGGER, ANY, IN_DATABASE, .mariadb = gw_sql_state_trigger, .mysql = gw_sql_state_trigger},
    {GW_OBJECT_FUNCTION, ANY, IN_DATABASE, .mariadb = gw_sql_state_routine, .mysql = gw_sql_state_routine,
     .type = "'FUNCTION'"},
    {GW_OBJECT_PROCEDURE, ANY, IN_DATABASE, .mariadb = gw_sql_state_routine, .mysql = gw_sql_state_routine,
     .type = "'PROCEDURE'"},
    {GW_OBJECT_EVENT, ANY, IN_DATABASE, .mariadb = gw_sql_state_event, .mysql = gw_sql_state_event},
    {GW_OBJECT_DATABASE, ANY, DATABASE, .mariadb = gw_sql_state_database, .mysql = gw_sql_state_database_mysql},
    {GW_OBJECT_SCHEMA, ANY, DATABASE, .mariadb = gw_sql_state_database, .mysql = gw_sql_state_database_mysql},
    {GW_OBJECT_ROLE, CREATED | DROPPED, USER, .mariadb = gw_sql_state_user, .mysql = gw_sql_state_user,
     .needs = "mysql.user"},
    {GW_OBJECT_SERVER, CREATED | DROPPED, ON_SERVER, .mariadb = gw_sql_state_server, .mysql = gw_sql_state_server,
     .needs = "mysql.servers"},
    {GW_OBJECT_TABLESPACE, CREATED | DROPPED, ON_SERVER, .mysql = gw_sql_state_tablespace},
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

/* ---- names ---- */

/* What "{…}" stands for; NULL: not in this text. */
typedef struct words {
    const char *schema, *name, *table, *type, *on, *hosts;
} words;

static bool
is_plain(gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!isalnum((unsigned char)text.ptr[i]) && text.ptr[i] != '_')
            return false;
    return true;
}

/* A constant that sql_mode, character set and whoever fills in more of the text read alike. */
static const char *
constant(gw_arena *a, gw_str text)
{
    gw_buf out = gw_buf_new(a);
    if (is_plain(text))
        return gw_printf(a, "'%.*s'", GW_STR_ARG(text));
    gw_buf_puts(&out, "_utf8mb4 X'");
    for (size_t i = 0; i < text.len; i++)
        gw_buf_printf(&out, "%02X", (unsigned char)text.ptr[i]);
    gw_buf_putc(&out, '\'');
    return gw_buf_text(&out);
}

static bool
read_in_database(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    gw_str name[3], on[3];
    const size_t parts = gw_name_parts(a, t->name, dialect, name);
    const size_t of_table = gw_name_parts(a, t->on, dialect, on);
    if (parts < 1 || parts > 2 || of_table > 2 || (t->kind == GW_OBJECT_INDEX && of_table == 0))
        return false;
    out->schema = parts == 2 ? constant(a, name[0]) : of_table == 2 ? constant(a, on[0]) : "DATABASE()";
    out->name = constant(a, name[parts - 1]);
    out->table = of_table > 0 ? constant(a, on[of_table - 1]) : NULL;
    /* Without a table MariaDB reads the triggers of every table of the schema. */
    out->on = out->table != NULL ? gw_printf(a, " AND event_object_table = %s", out->table) : "";
    return true;
}

/* ALTER DATABASE without a name means the current one. */
static bool
read_database(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    gw_str name[3];
    const size_t parts = gw_name_parts(a, t->name, dialect, name);
    out->schema = parts == 1 ? constant(a, name[0]) : "DATABASE()";
    return parts <= 1;
}

static bool
read_on_server(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    gw_str name[3];
    const size_t parts = gw_name_parts(a, t->name, dialect, name);
    out->name = parts == 1 ? constant(a, name[0]) : NULL;
    return parts == 1;
}

/* u, 'u'@'h', u@h. A user's host is '%' when none is said; a role of MariaDB has none. */
static bool
read_user(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    gw_str part[3];
    const size_t parts = gw_name_parts(a, t->name, dialect, part);
    if (parts == 0)
        return false;
    out->name = constant(a, part[0]);
    if (parts == 1)
        out->hosts = "'%', ' '";
    else if (parts == 2 && part[1].len > 1 && part[1].ptr[0] == '@')
        out->hosts = constant(a, gw_str_slice(part[1], 1, part[1].len));
    else if (parts == 3 && gw_str_is(part[1], "@"))
        out->hosts = constant(a, part[2]);
    return out->hosts != NULL && !gw_str_is_nocase(part[0], "CURRENT_USER");
}

/* ---- the expression ---- */

/* A digest of a row, and of a set of rows: by what does not depend on their order, nor on group_concat_max_len. Texts that the
 * server prints anew are quoted as sql_mode and sql_quote_show_create say, and are without their quotes here. '' would be NULL
 * in a session with EMPTY_STRING_IS_NULL; CONVERT is for one whose character_set_connection is no ASCII. */
#define NOTHING   "LEFT(_utf8mb4' ', 0)"
#define JSON_OPEN "REPLACE(REPLACE(REPLACE(CONVERT(JSON_ARRAY("
#define JSON_CLOSE                                                                                                     \
    ") USING utf8mb4), CHAR(92 USING utf8mb4), " NOTHING "), _utf8mb4'`', " NOTHING "), _utf8mb4'\"', " NOTHING ")"
#define ROW_OPEN   "LEFT(CONVERT(SHA2(" JSON_OPEN
#define ROW_CLOSE  JSON_CLOSE ", 256) USING ascii), 32)"
#define ROWS_OPEN  "(COUNT(*) * 4294967296 + BIT_XOR(CRC32(CONVERT(SHA2(" JSON_OPEN
#define ROWS_CLOSE JSON_CLOSE ", 256) USING ascii))))"

static const char *
fill(gw_arena *a, const char *text, const words *w)
{
    const struct {
        const char *mark, *text;
    } marks[] = {{"{schema}", w->schema}, {"{name}", w->name},   {"{table}", w->table}, {"{type}", w->type},
                 {"{on}", w->on},         {"{hosts}", w->hosts}, {"{row:", ROW_OPEN},   {":row}", ROW_CLOSE},
                 {"{rows:", ROWS_OPEN},   {":rows}", ROWS_CLOSE}};
    enum { MARKS = sizeof(marks) / sizeof(marks[0]) };
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = gw_str_of(text); rest.len > 0;) {
        size_t i = 0;
        while (i < MARKS && !gw_str_starts(rest, marks[i].mark))
            i++;
        gw_buf_add(&out, i < MARKS ? gw_str_of(marks[i].text) : gw_str_slice(rest, 0, 1));
        rest = gw_str_slice(rest, i < MARKS ? strlen(marks[i].mark) : 1, rest.len);
    }
    return gw_buf_text(&out);
}

/* NULL: none. */
static const char *
text_of(const gw_conn *c, unsigned long version, size_t i)
{
    if (gw_str_is(gw_str_of(c->facts.product), "MariaDB"))
        return version >= MARIADB_KNOWN ? texts[i].mariadb : NULL;
    if (gw_str_is(gw_str_of(c->facts.product), "MySQL"))
        return version >= MYSQL_KNOWN ? texts[i].mysql : NULL;
    return NULL;
}

static bool
read_words(gw_arena *a, const gw_conn *c, const gw_target *t, space where, words *out)
{
    /* Whatever sql_mode says where the statement stands: what is within "…" and was read as a name is one. */
    const gw_dialect dialect = {.kind = GW_DIALECT_MYSQL,
                                .ansi_quotes = true,
                                .no_backslash_escapes = c->facts.dialect.no_backslash_escapes};
    switch (where) {
    case IN_DATABASE:
        return read_in_database(a, t, dialect, out);
    case DATABASE:
        return read_database(a, t, dialect, out);
    case USER:
        return read_user(a, t, dialect, out);
    case ON_SERVER:
        return read_on_server(a, t, dialect, out);
    }
    return false;
}

static bool
may_read(gw_conn *c, const char *table)
{
    GW_SCOPE(scratch);
    gw_err denied = {0};
    return gw_mysql_query(c, gw_printf(scratch, "SELECT 1 FROM %s LIMIT 0", table), NULL, 0, NULL, NULL, &denied) ==
           GODWIT_OK;
}

char *
gw_mysql_state(gw_arena *a, gw_conn *c, const gw_target *target)
{
    GW_SCOPE(scratch);
    const unsigned long version = gw_mysql_of(c)->session.flavour.version;
    size_t i = 0;
    while (i < TEXTS && (texts[i].kind != target->kind || (texts[i].roles & (1U << target->role)) == 0))
        i++;
    const char *const text = i < TEXTS ? text_of(c, version, i) : NULL;
    words w = {.type = i < TEXTS ? texts[i].type : NULL};
    if (text == NULL || !read_words(scratch, c, target, texts[i].space, &w))
        return NULL;
    if (texts[i].needs != NULL && !may_read(c, texts[i].needs))
        return NULL;
    /* Whatever collations it was made of: it is compared and joined with other texts. */
    return gw_printf(a, "CONVERT(%s USING utf8mb4) COLLATE utf8mb4_bin", fill(scratch, text, &w));
}
