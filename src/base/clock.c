#include "base/clock.h"

#include <errno.h>
#include <time.h>

#include "base/arena.h"

int64_t
gw_clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The time of day, and its milliseconds. */
static struct tm
utc_now(long *ms)
{
    struct timespec now;
    struct tm day;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &day);
    *ms = now.tv_nsec / 1000000;
    return day;
}

/* `digits` of n and the character that follows them; where to go on. */
static char *
put(char *at, long n, int digits, char next)
{
    for (int i = digits - 1; i >= 0; i--, n /= 10)
        at[i] = (char)('0' + n % 10);
    at[digits] = next;
    return at + digits + 1;
}

/* By hand: it is asked for twice a migration, and printf() takes longer than all that is written down of one. */
char *
gw_clock_utc(gw_arena *a)
{
    long ms;
    const struct tm t = utc_now(&ms);
    char *const text = gw_alloc(a, sizeof("YYYY-MM-DD HH:MM:SS.mmm"));
    char *at = put(text, t.tm_year + 1900, 4, '-');
    at = put(at, t.tm_mon + 1, 2, '-');
    at = put(at, t.tm_mday, 2, ' ');
    at = put(at, t.tm_hour, 2, ':');
    at = put(at, t.tm_min, 2, ':');
    at = put(at, t.tm_sec, 2, '.');
    (void)put(at, ms, 3, '\0');
    return text;
}

char *
gw_clock_version(gw_arena *a)
{
    long ms;
    const struct tm t = utc_now(&ms);
    return gw_printf(a, "%04d%02d%02d%02d%02d%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min,
                     t.tm_sec);
}

void
gw_sleep_ms(int64_t ms)
{
    if (ms <= 0)
        return;
    const struct timespec span = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}

static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

enum { UNITS = sizeof(units) / sizeof(units[0]) };

static const int64_t longest = 36500 * INT64_C(86400000); /* a century: adding one to a clock cannot overflow */

static gw_str
skip(gw_str s, size_t count)
{
    return gw_str_slice(s, count, s.len);
}

/* The unit's milliseconds, and *s behind it; 0 when there is no such unit. A missing one is seconds, where it may be. */
static int64_t
take_unit(gw_str *s, bool may_be_missing)
{
    size_t len = 0;
    while (len < s->len && !gw_is_digit(s->ptr[len]) && s->ptr[len] != ' ')
        len++;
    const gw_str word = gw_str_slice(*s, 0, len);
    *s = skip(*s, len);
    if (len == 0 && may_be_missing)
        return 1000;
    for (size_t i = 0; i < UNITS; i++)
        if (gw_str_is(word, units[i].name))
            return units[i].ms;
    return 0;
}

/* One "2.5s" at the start of *s, which is moved behind it; what is not a whole millisecond is rounded up, so that a
 * time-out that somebody asked for never becomes none. -1: it is none, or too long. */
static int64_t
take_part(gw_str *s, bool is_first)
{
    int64_t whole = 0;
    int64_t billionths = 0;
    size_t digits = 0;
    for (; s->len > 0 && gw_is_digit(s->ptr[0]); digits++, *s = skip(*s, 1))
        whole = whole > longest ? whole : whole * 10 + (s->ptr[0] - '0');
    if (digits > 0 && s->len > 1 && s->ptr[0] == '.' && gw_is_digit(s->ptr[1])) {
        *s = skip(*s, 1);
        for (int64_t place = 100000000; s->len > 0 && gw_is_digit(s->ptr[0]); place /= 10, *s = skip(*s, 1))
            billionths += place * (s->ptr[0] - '0');
    }
    *s = gw_str_trim(*s);
    const int64_t unit = digits == 0 ? 0 : take_unit(s, is_first && s->len == 0);
    *s = gw_str_trim(*s);
    if (unit == 0 || whole > longest / unit)
        return -1;
    return whole * unit + (billionths * unit + 999999999) / 1000000000;
}

gw_rc
gw_duration_parse(gw_str text, int64_t *ms, gw_err *e)
{
    gw_str rest = gw_str_trim(text);
    int64_t total = 0;
    bool is_first = true;
    do {
        const int64_t part = take_part(&rest, is_first);
        total = part < 0 ? longest + 1 : total + part;
        is_first = false;
    } while (rest.len > 0 && total <= longest);
    if (total > longest) {
        gw_fail(e, GODWIT_USAGE, "\"%.*s\" is not a duration", GW_STR_ARG(text));
        return gw_err_hint(e, "write 30s, 5m, 250ms or 1h30m; a bare number is seconds");
    }
    *ms = total;
    return GODWIT_OK;
}

/* "17 ms" */
static char *
short_text(gw_arena *a, int64_t ms)
{
    static const char unit[] = " ms";
    char *const text = gw_alloc(a, sizeof("999 ms"));
    const int digits = ms < 10 ? 1 : ms < 100 ? 2 : 3;
    memcpy(put(text, ms, digits, ' ') - 1, unit, sizeof(unit));
    return text;
}

char *
gw_duration_text(gw_arena *a, int64_t ms)
{
    const int64_t seconds = ms / 1000;
    if (ms >= 0 && ms < 1000)
        return short_text(a, ms);
    if (seconds < 60 && ms % 1000 == 0)
        return gw_printf(a, "%lld s", (long long)seconds);
    if (seconds < 60)
        return gw_printf(a, "%lld.%02lld s", (long long)seconds, (long long)(ms % 1000 / 10));
    if (seconds < 3600)
        return gw_printf(a, "%lld m %02lld s", (long long)(seconds / 60), (long long)(seconds % 60));
    return gw_printf(a, "%lld h %02lld m %02lld s", (long long)(seconds / 3600), (long long)(seconds / 60 % 60),
                     (long long)(seconds % 60));
}
