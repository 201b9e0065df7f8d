/*
 * sql/mode - statements that change how the text behind them is read.
 *
 * MySQL: SET sql_mode, as far as ANSI_QUOTES and NO_BACKSLASH_ESCAPES go. PostgreSQL: standard_conforming_strings, by SET, RESET,
 * DISCARD ALL and set_config(). Values are literals, DEFAULT, a variable (taken for what was saved at the beginning), and MySQL's
 * usual expressions: CONCAT(@@sql_mode, ',X'), REPLACE(@@sql_mode, 'X', ''). Within routines nothing is followed.
 */
#ifndef GW_SQL_MODE_H
#define GW_SQL_MODE_H

#include "base/str.h"
#include "sql/dialect.h"

/* Does the statement set such a mode? Then *dialect is what holds behind it; `initial` is what the session began with. */
bool gw_mode_follow(gw_str statement, gw_dialect initial, gw_dialect *dialect);

#endif
