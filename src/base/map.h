/*
 * base/map - text to pointer, on an arena; open addressing, iterated in order of insertion.
 *
 * Keys are copied. There is no removal: put NULL.
 */
#ifndef GW_BASE_MAP_H
#define GW_BASE_MAP_H

#include "base/vec.h"

typedef struct gw_map_entry {
    gw_str key;
    void *value;
    uint64_t hash;
} gw_map_entry;

typedef struct gw_map {
    gw_arena *arena;
    gw_vec(gw_map_entry) entries;
    uint32_t *slots; /* index into entries + 1; 0 free */
    size_t slot_count;
} gw_map;

gw_map *gw_map_new(gw_arena *a);
void gw_map_put(gw_map *m, gw_str key, void *value);
void *gw_map_get(const gw_map *m, gw_str key); /* NULL: absent */
bool gw_map_has(const gw_map *m, gw_str key);

#endif
