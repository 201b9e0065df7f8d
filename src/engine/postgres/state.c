#include "engine/postgres/state.h"

#include "engine/postgres/resolve.h"
#include "postgres_sql.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { HAS_SHA256 = 110000 };

/* One row of a catalog is all that there is to tell. */
#define ROW_OF(catalog)                                                                                                \
    "SELECT pg_catalog.to_jsonb(x)::pg_catalog.text FROM pg_catalog." catalog                                          \
    " x WHERE x.oid OPERATOR(pg_catalog.=) o.oid"
#define NAMED(catalog, column)                                                                                         \
    "SELECT x.oid FROM pg_catalog." catalog " x WHERE x." column " OPERATOR(pg_catalog.=) {name}"
#define NAMED_ON(catalog, column, table) NAMED(catalog, column) " AND x." table " OPERATOR(pg_catalog.=) {on}"

/* By the kind of object: how it is found, and the rows that tell what it is like. */
typedef struct teller {
    gw_object_kind kind;
    bool on; /* it belongs to a table */
    const char *find, *rows;
} teller;

static const teller tellers[] = {
    {GW_OBJECT_TABLE, false, gw_sql_find_relation, gw_sql_state_relation},
    {GW_OBJECT_TABLE, true, gw_sql_find_partition, gw_sql_state_relation},
    {GW_OBJECT_INDEX, false, gw_sql_find_relation, gw_sql_state_relation},
    {GW_OBJECT_INDEX, true, gw_sql_find_index, gw_sql_state_relation},
    {GW_OBJECT_VIEW, false, gw_sql_find_relation, gw_sql_state_relation},
    {GW_OBJECT_MATVIEW, false, gw_sql_find_relation, gw_sql_state_relation},
    {GW_OBJECT_SEQUENCE, false, gw_sql_find_relation, gw_sql_state_relation},
    {GW_OBJECT_TYPE, false, gw_sql_find_type, gw_sql_state_type},
    {GW_OBJECT_DOMAIN, false, gw_sql_find_type, gw_sql_state_type},
    {GW_OBJECT_LABEL, true, NAMED_ON("pg_enum", "enumlabel", "enumtypid"), ROW_OF("pg_enum")},
    {GW_OBJECT_FUNCTION, false, gw_sql_find_routines, gw_sql_state_routine},
    {GW_OBJECT_PROCEDURE, false, gw_sql_find_routines, gw_sql_state_routine},
    {GW_OBJECT_AGGREGATE, false, gw_sql_find_routines, gw_sql_state_routine},
    {GW_OBJECT_TRIGGER, true, NAMED_ON("pg_trigger", "tgname", "tgrelid"), ROW_OF("pg_trigger")},
    {GW_OBJECT_RULE, true, NAMED_ON("pg_rewrite", "rulename", "ev_class"), ROW_OF("pg_rewrite")},
    {GW_OBJECT_POLICY, true, NAMED_ON("pg_policy", "polname", "polrelid"), ROW_OF("pg_policy")},
    {GW_OBJECT_SCHEMA, false, NAMED("pg_namespace", "nspname"), ROW_OF("pg_namespace")},
    {GW_OBJECT_EXTENSION, false, NAMED("pg_extension", "extname"), ROW_OF("pg_extension")},
    {GW_OBJECT_DATABASE, false, NAMED("pg_database", "datname"), gw_sql_state_database},
    {GW_OBJECT_ROLE, false, NAMED("pg_roles", "rolname"), gw_sql_state_role},
    {GW_OBJECT_TABLESPACE, false, NAMED("pg_tablespace", "spcname"), ROW_OF("pg_tablespace")},
    {GW_OBJECT_SERVER, false, NAMED("pg_foreign_server", "srvname"), ROW_OF("pg_foreign_server")},
    {GW_OBJECT_SUBSCRIPTION, false,
     NAMED("pg_subscription",
           "subname") " AND x.subdbid OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database"
                      " d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())",
     gw_sql_state_subscription},
};

static const teller *
teller_of(const gw_target *target)
{
    static const teller created = {GW_OBJECT_INDEX, true, gw_sql_find_finished_index, gw_sql_state_relation};
    static const teller nameless = {GW_OBJECT_INDEX, true, gw_sql_find_finished_indexes, gw_sql_state_relation};
    const bool on = target->on.len > 0;
    if (target->kind == GW_OBJECT_INDEX && on && target->name.len == 0)
        return &nameless;
    if (target->kind == GW_OBJECT_INDEX && on && target->role == GW_TARGET_CREATED)
        return &created;
    for (size_t i = 0; i < COUNT(tellers); i++)
        if (tellers[i].kind == target->kind && tellers[i].on == on)
            return &tellers[i];
    return NULL;
}

#define ALL_ROWS "pg_catalog.string_agg(r.said, ',' ORDER BY r.said COLLATE pg_catalog.\"C\")"
/* Expressions are kept with where in their text each part stood, until REINDEX CONCURRENTLY or the like forgets it. */
#define WITHOUT_PLACES "CROSS JOIN LATERAL pg_catalog.regexp_replace(w.said, ':location -?[0-9]+', '', 'g') AS r (said)"

/* MD5 is missing where OpenSSL runs in its FIPS mode, SHA-256 in PostgreSQL 10. The bytes are those of the database's own encoding. */
static const char *
digest_of(const gw_pg *c)
{
    return PQserverVersion(c->link) < HAS_SHA256
               ? "pg_catalog.md5(" ALL_ROWS ")"
               : "pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(" ALL_ROWS
                 ", pg_catalog.getdatabaseencoding())), 'hex'), 32)";
}

/* Where it matters alone whether it is there, and still the same: what a drop has only begun, and what a creation has finished. */
static bool
is_told_by_number(const gw_target *target, const teller *t)
{
    return target->role == GW_TARGET_DROPPED || t->find == gw_sql_find_finished_index ||
           t->find == gw_sql_find_partition;
}

/* "(SELECT …)": the oid of what it belongs to. */
static const char *
owner_of(gw_arena *a, const gw_target *target, const gw_pg_name *on)
{
    if (target->kind != GW_OBJECT_LABEL)
        return gw_pg_relation(a, on);
    return gw_printf(a, "(%s)", gw_pg_find(a, gw_sql_find_type, on, NULL));
}

/* A server that only follows the one that writes may be behind: it fails instead. */
#define WHERE_IS_WRITTEN                                                                                               \
    "CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_lsn()::pg_catalog.text ELSE %s END"

static char *
state_of(gw_arena *a, gw_pg *c, const gw_target *target)
{
    const teller *const t = teller_of(target);
    gw_pg_name name = {0}, on = {0};
    if (t == NULL || (target->name.len > 0 && !gw_pg_name_read(a, c, target->name, &name)))
        return NULL;
    if (target->on.len > 0 && !gw_pg_name_read(a, c, target->on, &on))
        return NULL;
    if (target->name.len == 0 && t->find != gw_sql_find_finished_indexes)
        return NULL;
    const char *const find = gw_pg_find(a, t->find, &name, t->on ? owner_of(a, target, &on) : NULL);
    if (is_told_by_number(target, t))
        return gw_printf(a,
                         "(SELECT coalesce(pg_catalog.string_agg(o.oid::pg_catalog.text, 'x' ORDER BY o.oid), 'absent')"
                         " FROM (%s) AS o (oid))",
                         find);
    return gw_printf(
        a,
        "(SELECT coalesce(%s, 'absent') FROM (%s) AS o (oid) CROSS JOIN LATERAL (%s) AS w (said) " WITHOUT_PLACES ")",
        digest_of(c), find, t->rows);
}

char *
gw_pg_state(gw_arena *a, gw_conn *conn, const gw_target *target)
{
    char *const state = state_of(a, gw_pg_of(conn), target);
    return state == NULL || conn->facts.read_only || conn->facts.cluster ? state
                                                                         : gw_printf(a, WHERE_IS_WRITTEN, state);
}
