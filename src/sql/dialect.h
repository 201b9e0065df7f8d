/*
 * sql/dialect - which SQL a text is written in, and the session settings that change how it is read.
 */
#ifndef GW_SQL_DIALECT_H
#define GW_SQL_DIALECT_H

#include <stdbool.h>

/* MariaDB and MySQL are read alike: the executable comments of one are comments to the other's server, not to us. */
typedef enum gw_dialect_kind { GW_DIALECT_POSTGRES, GW_DIALECT_MYSQL, GW_DIALECT_SQLITE } gw_dialect_kind;

typedef struct gw_dialect {
    gw_dialect_kind kind;
    bool ansi_quotes;          /* MySQL: "x" is an identifier */
    bool no_backslash_escapes; /* MySQL: \ is a plain character in '…' */
    bool backslash_in_strings; /* PostgreSQL with standard_conforming_strings=off */
} gw_dialect;

#endif
