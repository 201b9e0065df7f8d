/*
 * base/arena - who owns memory and handles: a scope.
 *
 * Bytes and cleanups are given to an arena and go with it, cleanups last in first out, before the bytes. Allocation
 * never returns NULL: out of memory calls abort(). A cleanup is the safe undo (ROLLBACK, unlink, unlock, close)
 * and cannot fail; the step that can fail (COMMIT, rename, fsync) is an explicit call, which disarms it.
 *
 * Under sanitizers and valgrind builds (-Dchunks=false) each block is a malloc of its own.
 */
#ifndef GW_BASE_ARENA_H
#define GW_BASE_ARENA_H

#include "base/str.h"

gw_arena *gw_arena_new(void);
void gw_arena_free(gw_arena *a);  /* NULL is fine */
void gw_arena_reset(gw_arena *a); /* everything goes, the arena stays */
void gw_arena_end_(gw_arena **a);

/* An arena that ends with the enclosing block. What its cleanups use must live until then: put it on an arena, or
 * declare it before the scope; a variable of the same block that is declared later is already gone. */
#define GW_SCOPE(name) __attribute__((cleanup(gw_arena_end_))) gw_arena *name = gw_arena_new()

/* `count` zeroed objects; aligned for any type. */
#define gw_new(a, type)              ((type *)gw_alloc((a), sizeof(type)))
#define gw_new_array(a, type, count) ((type *)gw_alloc_array((a), (count), sizeof(type)))
void *gw_alloc(gw_arena *a, size_t size) __attribute__((returns_nonnull, malloc));
void *gw_alloc_array(gw_arena *a, size_t count, size_t size) __attribute__((returns_nonnull, malloc));
/* Grow a block of old_size bytes that came from the same arena; the added bytes are zero. */
void *gw_realloc(gw_arena *a, void *block, size_t old_size, size_t new_size) __attribute__((returns_nonnull));

char *gw_strdup(gw_arena *a, gw_str s) __attribute__((returns_nonnull)); /* zero-terminated copy */
char *gw_text(gw_arena *a, const char *text);                            /* NULL stays NULL */
gw_str gw_str_copy(gw_arena *a, gw_str s);
char *
gw_printf(gw_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2), returns_nonnull));

typedef void gw_cleanup_fn(void *subject);
void gw_defer(gw_arena *a, gw_cleanup_fn *undo, void *subject);
/* Forget the newest cleanup with this subject (it was done, or is no longer wanted). */
void gw_disarm(gw_arena *a, const void *subject);
/* Run the newest cleanup with this subject now, and forget it. */
void gw_undo(gw_arena *a, const void *subject);

#endif
