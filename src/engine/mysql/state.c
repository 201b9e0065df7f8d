#include "engine/mysql/state.h"

#include "engine/mysql/column.h"
#include "engine/mysql/connection.h"
#include "engine/mysql/foresight.h"
#include "engine/mysql/statement.h"
#include "mysql_sql.h"
#include "sql/part.h"
#include "sql/quote.h"

#include "base/ban.h"

enum { MARIADB_KNOWN = 100600, MYSQL_KNOWN = 80021 };

/* What a name is one of. OF_TABLE: of the parts of a table; its COLUMNS: "(a, b)" stands for the name; NAMELESS: all of them. */
typedef enum space { IN_DATABASE, DATABASE, USER, ON_SERVER, OF_TABLE, OF_COLUMNS, OF_NAMELESS } space;

enum {
    CREATED = 1 << GW_TARGET_CREATED,
    CHANGED = 1 << GW_TARGET_CHANGED,
    DROPPED = 1 << GW_TARGET_DROPPED,
    ANY = CREATED | CHANGED | DROPPED
};

/* No more is asked than it takes: of a table or an index that is to be created it matters whether it is there, which is known in a
 * tenth or a quarter of the time that all of it takes. */
static const struct {
    gw_object_kind kind;
    unsigned roles;
    space space;
    bool plainly;                /* only of what cannot be there before: no OR REPLACE, nothing dropped and made anew */
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
    {GW_OBJECT_INDEX, CREATED, OF_TABLE, .mariadb = gw_sql_state_index_there, .mysql = gw_sql_state_index_there_mysql,
     .plainly = true},
    {GW_OBJECT_INDEX, ANY, OF_TABLE, .mariadb = gw_sql_state_index, .mysql = gw_sql_state_index_mysql},
    {GW_OBJECT_INDEX, CREATED, OF_COLUMNS, .mariadb = gw_sql_state_indexes_of, .mysql = gw_sql_state_indexes_of,
     .type = "seq_in_index"},
    {GW_OBJECT_INDEX, CREATED, OF_NAMELESS, .mariadb = gw_sql_state_indexes, .mysql = gw_sql_state_indexes_mysql},
    {GW_OBJECT_COLUMN, ANY, OF_TABLE, .mariadb = gw_sql_state_column, .mysql = gw_sql_state_column_mysql},
    {GW_OBJECT_OPTION, CHANGED, OF_TABLE, .mariadb = gw_sql_state_option, .mysql = gw_sql_state_option},
    {GW_OBJECT_FOREIGN_KEY, ANY, OF_TABLE, .mariadb = gw_sql_state_constraint, .mysql = gw_sql_state_constraint_mysql,
     .type = " AND constraint_type = 'FOREIGN KEY'"},
    {GW_OBJECT_FOREIGN_KEY, CREATED, OF_COLUMNS, .mariadb = gw_sql_state_foreign_keys_of,
     .mysql = gw_sql_state_foreign_keys_of, .type = "ordinal_position"},
    {GW_OBJECT_FOREIGN_KEY, CREATED, OF_NAMELESS, .mariadb = gw_sql_state_foreign_keys,
     .mysql = gw_sql_state_foreign_keys},
    {GW_OBJECT_CHECK, ANY, OF_TABLE, .mariadb = gw_sql_state_constraint, .mysql = gw_sql_state_constraint_mysql,
     .type = " AND constraint_type = 'CHECK'"},
    {GW_OBJECT_CHECK, CREATED, OF_NAMELESS, .mariadb = gw_sql_state_checks, .mysql = gw_sql_state_checks_mysql},
    {GW_OBJECT_CONSTRAINT, ANY, OF_TABLE, .mariadb = gw_sql_state_constraint, .mysql = gw_sql_state_constraint_mysql,
     .type = ""},
    {GW_OBJECT_PARTITION, ANY, OF_TABLE, .mariadb = gw_sql_state_partition, .mysql = gw_sql_state_partition},
    {GW_OBJECT_PARTITION, CHANGED, OF_NAMELESS, .mariadb = gw_sql_state_partitions, .mysql = gw_sql_state_partitions},
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

/* What shows an option. */
static const struct {
    const char *name, *columns;
} options[] = {
    {"engine", "t.engine"},
    {"comment", "t.table_comment"},
    {"collation", "t.table_collation"},
    {"options", "t.create_options"},
    {"versioning", "t.table_type"},
    {"character set", "t.table_collation, (SELECT {rows: c.column_name, c.column_type, c.collation_name :rows}"
                      " FROM information_schema.columns c WHERE c.table_schema = {schema} AND c.table_name = {table})"},
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* What "{…}" stands for; NULL: not in this text. */
typedef struct words {
    const char *schema, *name, *table, *type, *on, *hosts, *columns, *count;
} words;

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
    } marks[] = {{"{schema}", w->schema}, {"{name}", w->name},   {"{table}", w->table}, {"{columns}", w->columns},
                 {"{on}", w->on},         {"{hosts}", w->hosts}, {"{count}", w->count}, {"{type}", w->type},
                 {"{row:", ROW_OPEN},     {":row}", ROW_CLOSE},  {"{rows:", ROWS_OPEN}, {":rows}", ROWS_CLOSE}};
    enum { MARKS = sizeof(marks) / sizeof(marks[0]) };
    gw_buf out = gw_buf_new(a);
    for (gw_str rest = gw_str_of(text); rest.len > 0;) {
        const size_t plain = strcspn(rest.ptr, "{:");
        gw_buf_add(&out, gw_str_slice(rest, 0, plain));
        rest = gw_str_slice(rest, plain, rest.len);
        size_t i = 0;
        while (i < MARKS && !gw_str_starts(rest, marks[i].mark))
            i++;
        gw_buf_add(&out, i < MARKS ? gw_str_of(marks[i].text) : gw_str_slice(rest, 0, rest.len > 0));
        rest = gw_str_slice(rest, i < MARKS ? strlen(marks[i].mark) : rest.len > 0, rest.len);
    }
    return gw_buf_text(&out);
}

/* ---- names ---- */

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
    if (parts < 1 || parts > 2 || of_table > 2)
        return false;
    out->schema = parts == 2 ? constant(a, name[0]) : of_table == 2 ? constant(a, on[0]) : "DATABASE()";
    out->name = constant(a, name[parts - 1]);
    out->table = of_table > 0 ? constant(a, on[of_table - 1]) : NULL;
    /* Without a table MariaDB reads the triggers of every table of the schema. */
    out->on = out->table != NULL ? gw_printf(a, " AND event_object_table = %s", out->table) : "";
    return true;
}

/* The table that it is a part of. */
static bool
read_table(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    gw_str on[3];
    const size_t parts = gw_name_parts(a, t->on, dialect, on);
    if (parts < 1 || parts > 2)
        return false;
    out->schema = parts == 2 ? constant(a, on[0]) : "DATABASE()";
    out->table = constant(a, on[parts - 1]);
    return true;
}

/* A column may be written with its table. */
static bool
read_part(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    gw_str name[3];
    const size_t parts = gw_name_parts(a, t->name, dialect, name);
    out->name = parts > 0 ? constant(a, name[parts - 1]) : NULL;
    return parts > 0 && read_table(a, t, dialect, out);
}

static bool
read_option(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    size_t i = 0;
    while (i < OPTIONS && !gw_str_is(t->name, options[i].name))
        i++;
    if (i == OPTIONS || !read_table(a, t, dialect, out))
        return false;
    out->type = fill(a, options[i].columns, out);
    return true;
}

/* out->type counts them. */
static bool
read_columns(gw_arena *a, const gw_target *t, gw_dialect dialect, words *out)
{
    gw_names names;
    gw_buf are = gw_buf_new(a);
    if (!gw_part_columns(a, t->name, dialect, &names) || !read_table(a, t, dialect, out))
        return false;
    for (size_t i = 0; i < names.len; i++)
        gw_buf_printf(&are, "%s(%s = %zu AND column_name = %s)", i == 0 ? "" : " OR ", out->type, i + 1,
                      constant(a, names.at[i]));
    out->columns = gw_buf_text(&are);
    out->count = gw_printf(a, "%zu", names.len);
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
    const gw_dialect dialect = {
        .kind = GW_DIALECT_MYSQL, .ansi_quotes = true, .no_backslash_escapes = c->facts.dialect.no_backslash_escapes};
    switch (where) {
    case IN_DATABASE:
        return read_in_database(a, t, dialect, out);
    case DATABASE:
        return read_database(a, t, dialect, out);
    case USER:
        return read_user(a, t, dialect, out);
    case ON_SERVER:
        return read_on_server(a, t, dialect, out);
    case OF_TABLE:
        return t->kind == GW_OBJECT_OPTION ? read_option(a, t, dialect, out) : read_part(a, t, dialect, out);
    case OF_COLUMNS:
        return read_columns(a, t, dialect, out);
    case OF_NAMELESS:
        return read_table(a, t, dialect, out);
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

/* Is texts[i] that of the target? */
static bool
is_for(size_t i, const gw_target *t)
{
    if (texts[i].kind != t->kind || (texts[i].roles & (1U << t->role)) == 0)
        return false;
    if (texts[i].plainly && (t->lenient || t->unsure || t->vague))
        return false;
    if (texts[i].space < OF_TABLE)
        return true;
    const bool lists_columns = t->name.len > 0 && t->name.ptr[0] == '(';
    return texts[i].space == (t->name.len == 0 ? OF_NAMELESS : lists_columns ? OF_COLUMNS : OF_TABLE);
}

/* What is to stand behind the state of a column, where its definition is said; "": nothing. */
static const char *
foreign_of(gw_arena *a, const gw_conn *c, const gw_target *t, const words *w)
{
    const bool is_said = t->kind == GW_OBJECT_COLUMN && t->definition.len > 0;
    const char *const contradicts = is_said ? gw_mysql_column_contradicts(a, t->definition, c->facts.dialect) : NULL;
    if (contradicts == NULL)
        return "";
    return gw_printf(a,
                     ", IF((SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = %s AND table_name = "
                     "%s AND column_name = %s AND %s) > 0, _utf8mb4'" GW_STATE_FOREIGN "', " NOTHING ")",
                     w->schema, w->table, w->name, contradicts);
}

char *
gw_mysql_state(gw_arena *a, gw_conn *c, const gw_target *target)
{
    GW_SCOPE(scratch);
    const unsigned long version = gw_mysql_of(c)->session.flavour.version;
    size_t i = 0;
    while (i < TEXTS && !is_for(i, target))
        i++;
    const char *const text = i < TEXTS ? text_of(c, version, i) : NULL;
    words w = {.type = i < TEXTS ? texts[i].type : NULL};
    if (text == NULL || !read_words(scratch, c, target, texts[i].space, &w))
        return NULL;
    if (texts[i].needs != NULL && !may_read(c, texts[i].needs))
        return NULL;
    if (gw_mysql_foresight_is_absent(gw_mysql_of(c), target))
        return gw_printf(a, "CONVERT('absent' USING utf8mb4) COLLATE utf8mb4_bin");
    /* Whatever collations it was made of: it is compared and joined with other texts. */
    return gw_printf(a, "CONVERT(CONCAT(%s%s) USING utf8mb4) COLLATE utf8mb4_bin", fill(scratch, text, &w),
                     foreign_of(scratch, c, target, &w));
}
