/*
 * sql/source - the text of a file: may it be read at all, and where in it is an offset?
 *
 * Refused: more than GW_SQL_FILE_CAP bytes, zero bytes, UTF-16, and invalid UTF-8 unless any bytes are welcome. A byte order
 * mark at the beginning is passed over and no column counts it.
 */
#ifndef GW_SQL_SOURCE_H
#define GW_SQL_SOURCE_H

#include "base/err.h"

enum { GW_SQL_FILE_CAP = 64 * 1024 * 1024 };

typedef struct gw_source {
    const char *path;
    gw_str text;
    bool any_bytes;
    uint32_t begin; /* behind the byte order mark */
    uint32_t at, line, column;
    size_t odd_space; /* the next one at or behind the last word that was checked */
} gw_source;

GW_CHECKED gw_rc gw_source_open(gw_source *s, const char *path, gw_str text, bool any_bytes, gw_err *e);
/* Set line and column for this offset. Only forward, so that a whole file costs one pass. */
void gw_source_move(gw_source *s, uint32_t offset);
/* Adds the position to an error. Returns e->rc. */
gw_rc gw_source_locate(const gw_source *s, size_t offset, gw_err *e);
/*
 * Fails when the word at this offset holds a character that looks like a blank and is none to a server: no-break space, zero-width
 * space, a byte order mark of a file that was appended … Words in order, each once.
 */
GW_CHECKED gw_rc gw_source_check_word(gw_source *s, size_t offset, size_t length, gw_err *e);

#endif
