#include "db/predecessor_key.h"

#include <inttypes.h>
#include <string.h>

#include "base/digest.h"

static void
add(gw_arena *a, gw_lock_names *out, const char *name)
{
    *gw_vec_push(a, out) = name;
}

static uint32_t
crc_of(const char *text)
{
    return gw_crc32(0, gw_str_of(text));
}

/* ---- Flyway ---- */

/* The character at *at, which moves on: UTF-8 that a server sent. */
static uint32_t
next_character(gw_str s, size_t *at)
{
    const unsigned char first = (unsigned char)s.ptr[(*at)++];
    const unsigned more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t c = more == 0 ? first : first & (0x3Fu >> more);
    for (unsigned i = 0; i < more && *at < s.len; i++)
        c = c << 6 | ((unsigned char)s.ptr[(*at)++] & 0x3Fu);
    return c;
}

/* String.hashCode(): over UTF-16. */
static int32_t
java_hash(const char *text)
{
    enum { TIMES = 31, FIRST_LONG = 0x10000, HIGH = 0xD800, LOW = 0xDC00, LOW_BITS = 10 };
    uint32_t hash = 0;
    const gw_str s = gw_str_of(text);
    for (size_t at = 0; at < s.len;) {
        uint32_t c = next_character(s, &at);
        if (c >= FIRST_LONG) {
            c -= FIRST_LONG;
            hash = hash * TIMES + HIGH + (c >> LOW_BITS);
            c = LOW + (c & ((1u << LOW_BITS) - 1));
        }
        hash = hash * TIMES + c;
    }
    return (int32_t)hash;
}

void
gw_lock_of_flyway(gw_arena *a, const gw_lock_place *p, gw_lock_names *out)
{
    static const int64_t magic = 77431708279161;
    const int32_t hash = java_hash(p->quoted);
    add(a, out, p->is_number ? gw_printf(a, "%" PRId64, magic + hash) : gw_printf(a, "Flyway-%" PRId32, hash));
}

/* ---- golang-migrate ---- */

static const char *
migrate_number(gw_arena *a, gw_str names)
{
    static const uint32_t salt = 1486364155;
    return gw_printf(a, "%" PRIu32, gw_crc32(0, names) * salt);
}

void
gw_lock_of_golang_migrate(gw_arena *a, const gw_lock_place *p, gw_lock_names *out)
{
    static const char *const before[] = {"", "/"};
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        gw_buf names = gw_buf_new(a);
        if (p->is_number) {
            gw_buf_puts(&names, p->schema);
            gw_buf_putc(&names, '\0');
            gw_buf_puts(&names, p->table);
            gw_buf_putc(&names, '\0');
            gw_buf_printf(&names, "%s%s", before[i], p->database);
        } else
            gw_buf_printf(&names, "%s%s:%s", before[i], p->database, p->table);
        add(a, out, migrate_number(a, gw_buf_str(&names)));
    }
}

/* ---- the others ---- */

void
gw_lock_of_rails(gw_arena *a, const gw_lock_place *p, gw_lock_names *out)
{
    static const int64_t salt = 2053462845;
    add(a, out, gw_printf(a, "%" PRId64, salt * crc_of(p->database)));
}

void
gw_lock_of_sqitch(gw_arena *a, const gw_lock_place *p, gw_lock_names *out)
{
    add(a, out, gw_printf(a, "sqitch working on %s", p->database));
}

void
gw_lock_of_sqlx(gw_arena *a, const gw_lock_place *p, gw_lock_names *out)
{
    static const int64_t salt = 0x3d32ad9e;
    const int64_t number = salt * crc_of(p->database);
    add(a, out, gw_printf(a, p->is_number ? "%" PRIu64 : "%" PRIx64, (uint64_t)number));
}
