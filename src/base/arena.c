#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first chunk, with its head, is one of the small blocks that malloc() has at hand: most scopes need no more. */
enum { ALIGNMENT = alignof(max_align_t), FIRST_SIZE = 960, CHUNK_SIZE = 16 * 1024 };

typedef struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
} chunk;

typedef struct cleanup {
    struct cleanup *next;
    gw_cleanup_fn *undo;
    void *subject;
} cleanup;

struct gw_arena {
    chunk *chunks; /* the newest first; only it has room */
    cleanup *cleanups;
};

static void
out_of_memory(size_t size)
{
    fprintf(stderr, "godwit: out of memory (%zu bytes)\n", size);
    abort();
}

gw_arena *
gw_arena_new(void)
{
    gw_arena *const a = malloc(sizeof(*a));
    if (a == NULL)                 /* uncovered: needs a machine without memory */
        out_of_memory(sizeof(*a)); /* uncovered: likewise */
    *a = (gw_arena){0};
    return a;
}

void
gw_arena_reset(gw_arena *a)
{
    while (a->cleanups != NULL) {
        const cleanup c = *a->cleanups;
        a->cleanups = c.next;
        c.undo(c.subject);
    }
    while (a->chunks != NULL) {
        chunk *const next = a->chunks->next;
        free(a->chunks);
        a->chunks = next;
    }
}

void
gw_arena_free(gw_arena *a)
{
    if (a == NULL)
        return;
    gw_arena_reset(a);
    free(a);
}

void
gw_arena_end_(gw_arena **a)
{
    gw_arena_free(*a);
}

static chunk *
chunk_init(chunk *c, size_t size, size_t used)
{
    if (c == NULL)
        out_of_memory(size);
    c->next = NULL;
    c->size = size;
    c->used = used;
    return c;
}

/* A block of its own goes behind the newest chunk, whose room stays usable. */
static void *
alloc_alone(gw_arena *a, size_t size)
{
    chunk *const c = chunk_init(calloc(1, sizeof(*c) + size), size, size);
    if (a->chunks == NULL) {
        a->chunks = c;
    } else {
        c->next = a->chunks->next;
        a->chunks->next = c;
    }
    return c->bytes;
}

void *
gw_alloc(gw_arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        out_of_memory(size);
#ifdef GW_NO_CHUNKS
    return alloc_alone(a, size);
#else
    const size_t need = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (need > CHUNK_SIZE / 4)
        return alloc_alone(a, need);
    if (a->chunks == NULL || a->chunks->size - a->chunks->used < need) {
        const size_t room = a->chunks == NULL && need <= FIRST_SIZE ? FIRST_SIZE : CHUNK_SIZE;
        chunk *const c = chunk_init(malloc(sizeof(*c) + room), room, 0);
        c->next = a->chunks;
        a->chunks = c;
    }
    void *const block = a->chunks->bytes + a->chunks->used;
    a->chunks->used += need;
    return memset(block, 0, need); /* most of a chunk is never used: calloc() would clear it all */
#endif
}

void *
gw_alloc_array(gw_arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size)
        out_of_memory(SIZE_MAX);
    return gw_alloc(a, count * size);
}

void *
gw_realloc(gw_arena *a, void *block, size_t old_size, size_t new_size)
{
    assert(new_size >= old_size);
    void *const grown = gw_alloc(a, new_size);
    if (old_size > 0)
        memcpy(grown, block, old_size);
    return grown;
}

char *
gw_strdup(gw_arena *a, gw_str s)
{
    char *const copy = gw_alloc(a, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

char *
gw_text(gw_arena *a, const char *text)
{
    return text == NULL ? NULL : gw_strdup(a, gw_str_of(text));
}

gw_str
gw_str_copy(gw_arena *a, gw_str s)
{
    return (gw_str){gw_strdup(a, s), s.len};
}

char *
gw_printf(gw_arena *a, const char *format, ...)
{
    char first[256]; /* most texts fit, and are formatted once */
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(first, sizeof(first), format, args);
    va_end(args);
    assert(len >= 0);
    char *const text = gw_alloc(a, (size_t)len + 1);
    if ((size_t)len < sizeof(first))
        return memcpy(text, first, (size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

void
gw_defer(gw_arena *a, gw_cleanup_fn *undo, void *subject)
{
    cleanup *const c = gw_new(a, cleanup);
    *c = (cleanup){.next = a->cleanups, .undo = undo, .subject = subject};
    a->cleanups = c;
}

static cleanup *
take_cleanup(gw_arena *a, const void *subject)
{
    for (cleanup **at = &a->cleanups; *at != NULL; at = &(*at)->next)
        if ((*at)->subject == subject) {
            cleanup *const found = *at;
            *at = found->next;
            return found;
        }
    return NULL;
}

void
gw_disarm(gw_arena *a, const void *subject)
{
    (void)take_cleanup(a, subject);
}

void
gw_undo(gw_arena *a, const void *subject)
{
    const cleanup *const c = take_cleanup(a, subject);
    if (c != NULL)
        c->undo(c->subject);
}
