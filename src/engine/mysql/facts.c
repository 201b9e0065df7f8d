#include "engine/mysql/facts.h"

#include <assert.h>

#include "base/ban.h"

/* Asked of every server, ahead of the session's columns. */
enum {
    FACT_VERSION,
    FACT_COMMENT,
    FACT_USER,
    FACT_DATABASE,
    FACT_MODE,
    FACT_READ_ONLY,
    FACT_PACKET,
    FACT_SERVER,
    FACT_SESSION,
    FACTS
};
static const char *const facts[FACTS] = {
    [FACT_VERSION] = "VERSION()",
    [FACT_COMMENT] = "@@version_comment",
    [FACT_USER] = "SUBSTRING_INDEX(CURRENT_USER(), '@', 1)",
    [FACT_DATABASE] = "DATABASE()",
    [FACT_MODE] = "@@SESSION.sql_mode",
    [FACT_READ_ONLY] = "CONCAT_WS(' ', @@GLOBAL.read_only, @@GLOBAL.innodb_read_only)",
    [FACT_PACKET] = "@@SESSION.max_allowed_packet",
    [FACT_SERVER] = GW_MYSQL_SERVER_IDENTITY,
    [FACT_SESSION] = "CONNECTION_ID()",
};

/* Servers that speak as MySQL does, or builds of it, whose session locks exclude nobody on the other nodes: by what they say of their
 * version. A build that has wsrep_on says there whether it is part of a cluster. */
static const struct {
    const char *mark;
    bool may_be_off;
} clusters[] = {{"TiDB", false}, {"Vitess", false}, {"wsrep", true}, {"XtraDB Cluster", true}};

enum { MARIADB_ATOMIC = 100600, MYSQL_ATOMIC = 80000 };

static bool
mentions(const char *text, const char *word)
{
    return text != NULL && strcasestr(text, word) != NULL;
}

/* "10.11.19-MariaDB-0+deb12u1" → "10.11.19" */
static const char *
version_number(gw_arena *a, const char *text)
{
    return gw_strdup(a, (gw_str){text, strspn(text, "0123456789.")});
}

static unsigned long
version_value(const char *text)
{
    unsigned long parts[3] = {0};
    char *end = NULL;
    for (size_t i = 0; i < 3; i++) {
        parts[i] = strtoul(text, &end, 10);
        if (*end != '.')
            break;
        text = end + 1;
    }
    return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

/* "0 0", "ON 0": is any not off? */
static bool
is_on(const char *values)
{
    for (gw_str rest = gw_str_of(values); rest.len > 0;) {
        const gw_str value = gw_str_cut(rest, ' ', &rest);
        if (value.len > 0 && !gw_str_is(value, "0") && !gw_str_is_nocase(value, "OFF"))
            return true;
    }
    return false;
}

static bool
is_cluster(const gw_mysql_conn *c, const char *version, const char *comment)
{
    const char *const galera = gw_mysql_session_began(&c->session, "wsrep_on");
    for (size_t i = 0; i < sizeof(clusters) / sizeof(clusters[0]); i++)
        if ((galera == NULL || !clusters[i].may_be_off) &&
            (mentions(version, clusters[i].mark) || mentions(comment, clusters[i].mark)))
            return true;
    return galera != NULL && is_on(galera);
}

/* The greeting numbered another session than the one that answers: a proxy lends us its own. Old servers greet with 32 bits. */
static bool
is_pooled(const gw_mysql_conn *c)
{
    return (uint32_t)mysql_thread_id(c->my) != (uint32_t)c->head.facts.session;
}

/* IS_USED_LOCK() and CONNECTION_ID() tell something else where the statement is carried out again. */
static bool
replays(const gw_mysql_conn *c)
{
    const char *const format = gw_mysql_session_began(&c->session, "binlog_format");
    return format != NULL && gw_str_is_nocase(gw_str_of(format), "STATEMENT");
}

bool
gw_mysql_facts_take(void *answer, size_t columns, const char *const *values)
{
    const gw_mysql_facts_answer *const to = answer;
    gw_mysql_conn *const c = to->c;
    assert(columns > FACTS);
    const char *const version = values[FACT_VERSION] != NULL ? values[FACT_VERSION] : "";
    const char *const mode = values[FACT_MODE] != NULL ? values[FACT_MODE] : "";
    const bool mariadb = mentions(version, "MariaDB");
    const unsigned long value = version_value(version);
    const char *const database = gw_text(to->a, values[FACT_DATABASE]);
    c->head.facts = (gw_facts){
        .product = mariadb ? "MariaDB" : "MySQL",
        .version = version_number(to->a, version),
        .database = database,
        .schema = database,
        .user = values[FACT_USER] != NULL ? gw_text(to->a, values[FACT_USER]) : "",
        .session = values[FACT_SESSION] != NULL ? strtoll(values[FACT_SESSION], NULL, 10) : 0,
        .place = gw_text(to->a, values[FACT_SERVER]),
        .read_only = is_on(values[FACT_READ_ONLY]),
        .atomic_ddl = value >= (mariadb ? MARIADB_ATOMIC : MYSQL_ATOMIC),
        .dialect = {.kind = GW_DIALECT_MYSQL,
                    .ansi_quotes = mentions(mode, "ANSI_QUOTES"),
                    .no_backslash_escapes = mentions(mode, "NO_BACKSLASH_ESCAPES")},
    };
    c->max_packet = values[FACT_PACKET] != NULL ? strtoul(values[FACT_PACKET], NULL, 10) : 0;
    c->cancel.server = c->head.facts.place;
    c->head.facts.pooled = is_pooled(c);
    c->session.began = (gw_mysql_texts){0};
    for (size_t i = FACTS; i < columns; i++)
        *gw_vec_push(to->a, &c->session.began) = gw_text(to->a, values[i]);
    c->head.facts.cluster = is_cluster(c, version, values[FACT_COMMENT]);
    c->head.facts.replays = replays(c);
    return false;
}

void
gw_mysql_facts_query(const gw_mysql_conn *c, gw_buf *out)
{
    for (size_t i = 0; i < FACTS; i++)
        gw_buf_printf(out, "%s%s", i == 0 ? "SELECT " : ", ", facts[i]);
    gw_mysql_variable_columns(&c->session.flavour, out);
}
