/*
 * base/json_read - a JSON text as a tree that remembers where everything stood.
 *
 * For the index files of migrations, where an error has to name a line: the libraries that read JSON do not keep positions. RFC 8259, and
 * no more: a key that comes twice, what follows the end, nesting deeper than 64 are errors. A byte order mark is passed over.
 */
#ifndef GW_BASE_JSON_READ_H
#define GW_BASE_JSON_READ_H

#include "base/err.h"
#include "base/vec.h"

typedef enum gw_json_kind {
    GW_JSON_NULL,
    GW_JSON_BOOL,
    GW_JSON_NUMBER,
    GW_JSON_TEXT,
    GW_JSON_LIST,
    GW_JSON_MAP
} gw_json_kind;

typedef struct gw_json_node gw_json_node;
struct gw_json_node {
    gw_json_kind kind;
    const char *key;  /* in a map; else NULL */
    const char *text; /* of a TEXT, decoded; of a NUMBER and a BOOL as written; else NULL */
    size_t key_offset, offset,
        end; /* bytes of the text: where its key begins (= offset without one), it begins, it ends */
    gw_vec(gw_json_node *) items;
};

/* GODWIT_FOLDER with position. */
GW_CHECKED gw_rc gw_json_read(gw_arena *a, const char *path, gw_str text, gw_json_node **out, gw_err *e);
const gw_json_node *gw_json_get(const gw_json_node *map, const char *key); /* NULL: absent, or not a map */

#endif
