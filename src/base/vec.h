/*
 * base/vec - a growing array of one type, on an arena.
 *
 *     gw_vec(int) numbers = {0};
 *     *gw_vec_push(a, &numbers) = 7;
 *     for (size_t i = 0; i < numbers.len; i++) use(numbers.at[i]);
 *
 * Pushing may move the items: keep indexes, not pointers, across pushes. New items are zeroed.
 */
#ifndef GW_BASE_VEC_H
#define GW_BASE_VEC_H

#include "base/arena.h"

#define gw_vec(type)                                                                                                   \
    struct {                                                                                                           \
        type *at;                                                                                                      \
        size_t len, cap;                                                                                               \
    }

#define gw_vec_push(a, v)                                                                                              \
    ((v)->at = gw_vec_grow_((a), (v)->at, (v)->len, &(v)->cap, sizeof(*(v)->at)), &(v)->at[(v)->len++])

/* Where the items are now; place `len` is there and zero. */
void *gw_vec_grow_(gw_arena *a, void *at, size_t len, size_t *cap, size_t size) __attribute__((returns_nonnull));

/* qsort(), but that what is in order already is only looked at. `at` may be NULL when there is nothing. */
void gw_sort(void *at, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
