#include "base/map.h"

#include "base/hash.h"

gw_map *
gw_map_new(gw_arena *a)
{
    gw_map *const m = gw_new(a, gw_map);
    m->arena = a;
    return m;
}

/* The slot of the key, or the free one where it belongs. */
static uint32_t *
find(const gw_map *m, gw_str key, uint64_t hash)
{
    for (size_t i = hash & (m->slot_count - 1);; i = (i + 1) & (m->slot_count - 1)) {
        uint32_t *const slot = &m->slots[i];
        if (*slot == 0)
            return slot;
        const gw_map_entry *const entry = &m->entries.at[*slot - 1];
        if (entry->hash == hash && gw_str_eq(entry->key, key))
            return slot;
    }
}

static void
grow(gw_map *m)
{
    m->slot_count = m->slot_count == 0 ? 16 : m->slot_count * 2;
    m->slots = gw_new_array(m->arena, uint32_t, m->slot_count);
    for (size_t i = 0; i < m->entries.len; i++)
        *find(m, m->entries.at[i].key, m->entries.at[i].hash) = (uint32_t)i + 1;
}

void
gw_map_put(gw_map *m, gw_str key, void *value)
{
    if ((m->entries.len + 1) * 2 > m->slot_count)
        grow(m);
    const uint64_t hash = gw_hash64(key);
    uint32_t *const slot = find(m, key, hash);
    if (*slot == 0) {
        *gw_vec_push(m->arena, &m->entries) = (gw_map_entry){.key = gw_str_copy(m->arena, key), .hash = hash};
        *slot = (uint32_t)m->entries.len;
    }
    m->entries.at[*slot - 1].value = value;
}

static const gw_map_entry *
lookup(const gw_map *m, gw_str key)
{
    if (m->slot_count == 0)
        return NULL;
    const uint32_t slot = *find(m, key, gw_hash64(key));
    return slot == 0 ? NULL : &m->entries.at[slot - 1];
}

void *
gw_map_get(const gw_map *m, gw_str key)
{
    const gw_map_entry *const entry = lookup(m, key);
    return entry == NULL ? NULL : entry->value;
}

bool
gw_map_has(const gw_map *m, gw_str key)
{
    return lookup(m, key) != NULL;
}
