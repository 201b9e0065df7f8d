/*
 * sql/client - lines in a SQL file that are meant for psql, mysql or sqlite3, not for the server.
 *
 * Two kinds are understood: MySQL's DELIMITER, and the \restrict and \unrestrict that pg_dump writes, which are skipped.
 * Every other one is refused by its name: what it would have done would be missing.
 */
#ifndef GW_SQL_CLIENT_H
#define GW_SQL_CLIENT_H

#include "base/err.h"
#include "sql/dialect.h"

typedef enum gw_client_kind {
    GW_CLIENT_NONE,
    GW_CLIENT_SKIPPED,
    GW_CLIENT_DELIMITER,
    GW_CLIENT_REFUSED
} gw_client_kind;

typedef struct gw_client_line {
    gw_client_kind kind;
    size_t length;     /* of the command with its arguments, without the line break */
    gw_str name;       /* "\connect", "SOURCE", ".mode" */
    gw_str delimiter;  /* the new one */
    const char *fault; /* of a DELIMITER that is refused; NULL: the command is */
} gw_client_line;

/* What begins at text[at], where a statement could begin. */
gw_client_line gw_client_read(gw_str text, size_t at, gw_dialect_kind dialect);

/*
 * The command that a backslash at text[at], outside strings and comments, begins: "\\gset"; "\\" when it begins none, and is wrong
 * all the same; empty when it is for the server to judge.
 */
gw_str gw_client_backslash(gw_str text, size_t at, gw_dialect_kind dialect);

/* Fills *e for a command that is refused. Returns e->rc. */
gw_rc gw_client_refuse(gw_err *e, gw_str name, gw_dialect_kind dialect);

#endif
