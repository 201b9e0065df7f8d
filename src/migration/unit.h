/*
 * migration/unit - which statements of a file are kept together.
 *
 * A unit is what commits together: either a transaction of one or more statements, or a single statement outside any.
 * The whole file is one transaction (`tx file`, the default) unless something in it forbids that:
 *   - a statement that cannot run in a transaction: it is its own unit, and so are the SET statements beside it; mixed
 *     with anything else, an error whose hint is `tx none`; an error also under an explicit `tx file`, and within the
 *     file's own BEGIN … COMMIT;
 *   - statements that commit by themselves (MySQL DDL): each is a unit, the others between them share a transaction,
 *     but for SET statements at either end of such a group: some of those are refused in a transaction, so each is a
 *     unit outside any;
 *   - MySQL's LOCK TABLES … UNLOCK TABLES, FLUSH TABLES … WITH READ LOCK … UNLOCK TABLES: one unit outside any transaction, of several statements: nothing can be
 *     recorded before its end;
 *   - MySQL's CALL, EXECUTE and blocks outside a routine, which may commit by what they run: each is a transaction of
 *     its own that is `entered`, unless `tx file` is said or it stands within the file's own BEGIN … COMMIT;
 *   - the file's own BEGIN … COMMIT: that is the unit, and its BEGIN and COMMIT are understood, not sent twice; MySQL
 *     DDL within commits it: the unit ends before and another begins after; what stands outside follows the other
 *     rules, each stretch for itself;
 *   - `tx none`: every statement outside the file's own BEGIN … COMMIT is a unit, unless it can be kept with its
 *     progress mark: DML, queries (which may call functions that write) and DDL get a transaction of their own. Not
 *     MySQL's DDL, nor what PostgreSQL may refuse in a transaction, by its version or by what it is about; nor its CALL
 *     and DO: they may commit, which is an error in a transaction;
 *   - SQLite's PRAGMAs that do nothing in a transaction stand alone; in the middle they divide the file, which `tx
 *     file` refuses.
 *
 * A file written for a tool that opens a transaction itself may end that one first: `COMMIT; PRAGMA …; BEGIN; …`,
 * without a COMMIT at its end. The COMMIT that is the file's first transaction control ends the unit of what stands
 * before it, as its own_commit; with nothing before it, that unit has nothing to send. Then, and only then, the last
 * BEGIN needs no COMMIT.
 *
 * Refused by name: ROLLBACK, COMMIT … AND CHAIN or RELEASE, a BEGIN in a transaction, two-phase commit, a savepoint
 * outside any.
 */
#ifndef GW_MIGRATION_UNIT_H
#define GW_MIGRATION_UNIT_H

#include "migration/directive.h"
#include "sql/classify.h"
#include "sql/split.h"

typedef struct gw_unit {
    size_t first, count; /* statements, those of the file's own BEGIN and COMMIT included */
    bool transaction;    /* false: outside any transaction; one statement, or LOCK TABLES … UNLOCK TABLES */
    size_t own_begin;    /* index of the file's own BEGIN, used in place of ours (it may carry modes); SIZE_MAX: ours */
    size_t own_commit;   /* index of its COMMIT, which is ours to do; SIZE_MAX none */
    /* A transaction of one statement that may commit by itself. A mark inside, before it, says that it was entered: if
     * that is found later, it committed something, and nobody can tell how much. */
    bool enters;
} gw_unit;
typedef gw_vec(gw_unit) gw_units;

typedef struct gw_units_params {
    const char *path;
    gw_str text;
    gw_dialect dialect;
    const gw_stmts *stmts;
    const gw_class *classes; /* one a statement */
    gw_tx_mode tx;
} gw_units_params;

/* The units cover all statements in order. GODWIT_FOLDER with position for what is refused. */
GW_CHECKED gw_rc gw_units_build(gw_arena *a, const gw_units_params *p, gw_units *out, gw_err *e);

#endif
