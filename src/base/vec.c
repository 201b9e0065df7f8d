#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

void *
gw_vec_grow_(gw_arena *a, void *at, size_t len, size_t *cap, size_t size)
{
    if (len < *cap) {
        memset((char *)at + len * size, 0, size); /* the place may have been used by an item that was taken off */
        return at;
    }
    const size_t grown = *cap == 0 ? 8 : *cap * 2;
    void *const moved = gw_alloc_array(a, grown, size);
    *cap = grown;
    return len == 0 ? moved : memcpy(moved, at, len * size);
}

void
gw_sort(void *at, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    size_t ordered = 1;
    while (ordered < count && compare((char *)at + (ordered - 1) * size, (char *)at + ordered * size) <= 0)
        ordered++;
    if (ordered < count)
        qsort(at, count, size, compare);
}
