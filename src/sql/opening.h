/*
 * sql/opening - the words with which statements begin, and what those words alone say: one row each, a table a dialect.
 */
#ifndef GW_SQL_OPENING_H
#define GW_SQL_OPENING_H

#include "sql/cursor.h"

typedef enum gw_class_kind {
    GW_CLASS_OTHER,
    GW_CLASS_DDL,
    GW_CLASS_DML,
    GW_CLASS_QUERY,   /* SELECT, SHOW, VALUES, TABLE, EXPLAIN, WITH … SELECT, MySQL's DO */
    GW_CLASS_SESSION, /* SET, PRAGMA, USE, RESET: changes what later statements mean; repeated when a file is resumed */
    GW_CLASS_BEGIN,   /* transaction control of the file itself */
    GW_CLASS_COMMIT,
    GW_CLASS_ROLLBACK,
    GW_CLASS_SAVEPOINT /* SAVEPOINT, RELEASE, ROLLBACK TO */
} gw_class_kind;

/* What has to be read behind the words. */
typedef enum gw_opening_rest {
    GW_REST_NONE,
    GW_REST_OBJECT,       /* [modifiers] noun name */
    GW_REST_TABLE,        /* a table's name, behind words such as INTO and IGNORE */
    GW_REST_SELECT,       /* PostgreSQL: INTO makes a table */
    GW_REST_WITH,         /* the verb behind the list */
    GW_REST_EXPLAIN,      /* ANALYZE runs what follows */
    GW_REST_ANALYZE,      /* MariaDB: ANALYZE statement runs it, ANALYZE TABLE does not */
    GW_REST_COPY,         /* FROM or TO */
    GW_REST_ROLLBACK,     /* TO a savepoint */
    GW_REST_SET,          /* MySQL: some commit */
    GW_REST_PRAGMA,       /* some do nothing in a transaction */
    GW_REST_CLUSTER,      /* of all tables, or of one */
    GW_REST_REINDEX,      /* options, of what */
    GW_REST_DATABASE,     /* SET TABLESPACE */
    GW_REST_SUBSCRIPTION, /* connecting or not */
    GW_REST_DETACH        /* ALTER TABLE … DETACH PARTITION … CONCURRENTLY */
} gw_opening_rest;

enum { GW_OPENING_NO_TRANSACTION = 1, GW_OPENING_COMMITS = 2 };

typedef struct gw_opening {
    const char *words; /* one blank between two */
    gw_class_kind kind;
    gw_opening_rest rest;
    unsigned flags;
} gw_opening;

/* The row of the words that stand here, and the cursor behind them; NULL: none. */
const gw_opening *gw_opening_find(gw_cursor *c);

#endif
