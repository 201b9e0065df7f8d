/*
 * engine/mysql/column - is a column certainly not as a definition would make it?
 *
 * By its type, size, sign and whether it may be NULL, as far as every server prints them alike in every sql_mode; defaults, comments, character
 * sets and what else a definition may say are not compared.
 */
#ifndef GW_ENGINE_MYSQL_COLUMN_H
#define GW_ENGINE_MYSQL_COLUMN_H

#include "base/arena.h"
#include "sql/dialect.h"

/* A condition over a row of information_schema.columns; NULL: of this definition nothing is certain. */
char *gw_mysql_column_contradicts(gw_arena *a, gw_str definition, gw_dialect dialect);

#endif
