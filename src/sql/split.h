/*
 * sql/split - a file into the statements that are sent to the server one by one.
 *
 * Total: every byte belongs to one statement or to the gap between two. Gaps hold white space, comments, delimiters
 * and client lines (DELIMITER, \restrict), nothing else. Bodies of routines, triggers, events and rules stay whole.
 * Memory is linear in the number of statements, time linear in bytes; statements point into the text by offsets.
 * Knows structure only; what a statement does is sql/classify's work.
 */
#ifndef GW_SQL_SPLIT_H
#define GW_SQL_SPLIT_H

#include "base/err.h"
#include "base/vec.h"
#include "sql/dialect.h"
#include "sql/source.h"

typedef struct gw_stmt {
    uint32_t offset, length;           /* what the server gets: without delimiter, blanks, comments around it */
    uint32_t line, column;             /* where that begins; 1-based, column in characters */
    uint32_t lead;                     /* where the comments directly above begin; = offset when there are none */
    uint32_t data_offset, data_length; /* COPY … FROM stdin: its data lines up to the end mark, without that */
    bool has_data;                     /* the statement is a COPY with data (which may be empty) */
} gw_stmt;

typedef gw_vec(gw_stmt) gw_stmts;

typedef struct gw_split_params {
    const char *path; /* for error positions */
    gw_str text;      /* the whole file, BOM and all; at most GW_SQL_FILE_CAP */
    gw_dialect dialect;
    const char *delimiter; /* NULL: ";" (the directive `delimiter` of a migration) */
    bool any_bytes;        /* encoding: bytes; text need not be UTF-8, but NUL is refused all the same */
} gw_split_params;

/* GODWIT_FOLDER with path, line, column: unterminated string, comment, body or quoted name; NUL; invalid UTF-8; a client
 * command that godwit does not know (\copy, \i, SOURCE …), by name; a no-break space where white space should be. */
GW_CHECKED gw_rc gw_split(gw_arena *a, const gw_split_params *p, gw_stmts *out, gw_err *e);

#endif
