/*
 * config/scalar - texts of a YAML document that libfyaml does not read as we want them.
 *
 * `{ url: ${DATABASE_URL} }` is no YAML, since a '}' ends the map, but it is what people write: the braces of
 * references are hidden from the parser, in place, and shown again in the texts that it gives. What stands between
 * single quotes is read here, because libfyaml 0.7 gives one quote too many or too few where several '' stand side by
 * side, and leaks.
 */
#ifndef GW_CONFIG_SCALAR_H
#define GW_CONFIG_SCALAR_H

#include "base/arena.h"

/* A copy of the same length in which the braces of ${NAME} and ${NAME:-default} are control characters; the document
 * must have none of its own. A default ends at the first brace and at the line's end. */
gw_str gw_scalar_hide(gw_arena *a, gw_str document);
/* How many braces are hidden there: an escape of a parsed text may have made more. */
size_t gw_scalar_hidden(gw_str text);
/* The braces again, in a zero-terminated copy. */
char *gw_scalar_reveal(gw_arena *a, gw_str text);
/* The text that stands between single quotes: '' is one, lines are folded (YAML 1.2, 7.3.2). */
char *gw_scalar_unquote(gw_arena *a, gw_str between);

#endif
