#include "migration/version.h"

#include <string.h>
#include <time.h>

/* The digits at the start of *s without leading zeros; *s goes on after them. */
static gw_str
take_number(gw_str *s)
{
    size_t end = 0;
    while (end < s->len && gw_is_digit(s->ptr[end]))
        end++;
    size_t from = 0;
    while (from < end && s->ptr[from] == '0')
        from++;
    const gw_str number = gw_str_slice(*s, from, end);
    *s = gw_str_slice(*s, end, s->len);
    return number;
}

static int
compare_numbers(gw_str a, gw_str b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.ptr, b.ptr, a.len);
}

int
gw_version_compare(gw_str a, gw_str b)
{
    while (a.len > 0 && b.len > 0) {
        if (gw_is_digit(a.ptr[0]) && gw_is_digit(b.ptr[0])) {
            const gw_str left = take_number(&a);
            const gw_str right = take_number(&b);
            const int order = compare_numbers(left, right);
            if (order != 0)
                return order;
        } else if (a.ptr[0] != b.ptr[0]) {
            return (unsigned char)a.ptr[0] - (unsigned char)b.ptr[0];
        } else {
            a = gw_str_slice(a, 1, a.len);
            b = gw_str_slice(b, 1, b.len);
        }
    }
    return (a.len > 0) - (b.len > 0);
}

gw_str
gw_version_key(gw_arena *a, gw_str v)
{
    gw_buf key = gw_buf_new(a);
    while (v.len > 0) {
        if (!gw_is_digit(v.ptr[0])) {
            gw_buf_putc(&key, v.ptr[0]);
            v = gw_str_slice(v, 1, v.len);
            continue;
        }
        const gw_str number = take_number(&v);
        gw_buf_puts(&key, number.len == 0 ? "0" : "");
        gw_buf_add(&key, number);
    }
    return gw_buf_str(&key);
}

static bool
all_digits(gw_str v)
{
    for (size_t i = 0; i < v.len; i++)
        if (!gw_is_digit(v.ptr[i]))
            return false;
    return v.len > 0;
}

static int
number_at(gw_str v, size_t from, size_t digits)
{
    int n = 0;
    for (size_t i = from; i < from + digits; i++)
        n = n * 10 + (v.ptr[i] - '0');
    return n;
}

static int
days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool
gw_version_is_timestamp(gw_str v)
{
    if (v.len != 14 || !all_digits(v))
        return false;
    const int year = number_at(v, 0, 4);
    const int month = number_at(v, 4, 2);
    const int day = number_at(v, 6, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
        return false;
    return number_at(v, 8, 2) < 24 && number_at(v, 10, 2) < 60 && number_at(v, 12, 2) <= 60;
}

bool
gw_version_is_sequence(gw_str v)
{
    return all_digits(v) && take_number(&v).len <= 6;
}

char *
gw_version_next(gw_arena *a, gw_str v)
{
    char *const next = gw_printf(a, "0%.*s", GW_STR_ARG(v));
    size_t at = v.len + 1;
    while (at > 1 && next[at - 1] == '9')
        next[--at] = '0';
    if (at == 1) { /* nines only, or nothing: one digit more */
        next[0] = '1';
        return next;
    }
    next[at - 1]++;
    return next + 1;
}

char *
gw_version_second_after(gw_arena *a, gw_str v)
{
    const char *const version = gw_strdup(a, v);
    struct tm t = {0};
    char text[32] = "";
    if (strptime(version, "%Y%m%d%H%M%S", &t) == NULL)
        return gw_strdup(a, v);
    const time_t next = timegm(&t) + 1;
    if (gmtime_r(&next, &t) == NULL || strftime(text, sizeof(text), "%Y%m%d%H%M%S", &t) != strlen(version))
        return gw_strdup(a, v);
    return gw_text(a, text);
}
