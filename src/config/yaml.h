/*
 * config/yaml - a YAML document as a tree that remembers where everything stood (libfyaml reads it).
 *
 * Scalars stay text; an application tag (`!exec cmd`) is kept, the tags of YAML itself (`!!str`) mean nothing here. An
 * alias is the node that its anchor names, under the alias's own key; `<<` merges maps. Keys are text. The braces of
 * ${NAME} are text also in `{ url: ${NAME} }`, where YAML would want quotes.
 * Errors: a document larger than 1 MiB, nested deeper than 32 or, with aliases followed, of more than 100,000 nodes;
 * a key given twice; an alias without anchor; a second document; whatever libfyaml warns of, and the few ways of
 * writing a text that libfyaml 0.7 reads wrongly. Nothing is printed.
 */
#ifndef GW_CONFIG_YAML_H
#define GW_CONFIG_YAML_H

#include "base/err.h"
#include "base/vec.h"

enum { GW_YAML_BYTES_MAX = 1 << 20, GW_YAML_DEPTH_MAX = 32, GW_YAML_NODES_MAX = 100000 };

typedef enum gw_yaml_kind { GW_YAML_SCALAR, GW_YAML_LIST, GW_YAML_MAP } gw_yaml_kind;

typedef struct gw_yaml gw_yaml;
struct gw_yaml {
    gw_yaml_kind kind;
    const char *key;   /* in a map; NULL in a list and at the top */
    const char *tag;   /* "!exec"; NULL none */
    const char *value; /* of a scalar; never NULL there ("" for null) */
    bool is_null;
    unsigned line, column; /* 1-based, of the key in a map, of the value elsewhere */
    size_t offset;         /* byte offset of the same, for gw_err_at; counts from behind a byte order mark */
    size_t value_offset;   /* byte offset of the value, behind an opening quote; of the key when there is no value */
    gw_vec(gw_yaml *) items;
};

/* NULL *out: an empty document. GODWIT_USAGE with position. */
GW_CHECKED gw_rc gw_yaml_parse(gw_arena *a, const char *path, gw_str text, gw_yaml **out, gw_err *e);
const gw_yaml *gw_yaml_get(const gw_yaml *map, const char *key); /* NULL: absent, or not a map */

#endif
