#include "config/url.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

/* The URL under the knife. Offsets are into the whole text, so that an error can say which character it means. */
typedef struct reader {
    gw_arena *a;
    gw_str text;
    size_t end; /* trailing blanks are no part of it */
    gw_url *url;
    gw_err *e;
} reader;

static const char *const escape_hint =
    "in user and password write '@' as %40, ':' as %3A, '/' as %2F, '?' as %3F, '#' as "
    "%23, '%' as %25";
static const char *const param_hint = "write ?name=value&name=value";

/* `problem` is constant text: nothing of a URL is ever shown. */
static gw_rc
wrong(const reader *r, size_t offset, const char *problem, const char *hint)
{
    const size_t character = gw_str_utf8_count(gw_str_slice(r->text, 0, offset)) + 1;
    (void)gw_fail(r->e, GODWIT_USAGE, "the database URL is wrong at character %zu: %s", character, problem);
    return gw_err_hint(r->e, "%s", hint);
}

static bool
is_one_of(char c, const char *marks)
{
    return c != '\0' && strchr(marks, c) != NULL;
}

static size_t
find(const reader *r, size_t from, size_t to, const char *marks)
{
    size_t at = from;
    while (at < to && !is_one_of(r->text.ptr[at], marks))
        at++;
    return at;
}

/* ASCII only, whatever the locale. */
static bool
is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_unreserved(char c)
{
    return is_alpha(c) || gw_is_digit(c) || is_one_of(c, "-._~");
}

static bool
is_plain_name(const char *name)
{
    size_t at = 0;
    while (is_unreserved(name[at]) || (unsigned char)name[at] >= 0x80)
        at++;
    return at > 0 && name[at] == '\0';
}

static int
hex_value(char c)
{
    return gw_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static gw_rc
decode(const reader *r, size_t from, size_t to, const char **out)
{
    gw_buf b = gw_buf_new(r->a);
    for (size_t i = from; i < to; i++) {
        char c = r->text.ptr[i];
        if (c == '%') {
            const int high = i + 2 < to ? hex_value(r->text.ptr[i + 1]) : -1;
            const int low = i + 2 < to ? hex_value(r->text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return wrong(r, i, "'%' must be followed by two hexadecimal digits", "a '%' itself is written %25");
            if (high + low == 0)
                return wrong(r, i, "%00 is not allowed", "a name or password cannot hold a zero byte");
            c = (char)(high * 16 + low);
            i += 2;
        }
        gw_buf_putc(&b, c);
    }
    *out = gw_buf_text(&b);
    return GODWIT_OK;
}

static gw_rc
check_characters(const reader *r, size_t from, bool is_file)
{
    const size_t valid = from + gw_str_utf8_valid(gw_str_slice(r->text, from, r->end));
    if (valid < r->end)
        return wrong(r, valid, "it is not valid UTF-8", "percent-encode the bytes of other encodings");
    for (size_t i = from; i < r->end; i++) {
        const unsigned char c = (unsigned char)r->text.ptr[i];
        if (c < ' ' || c == 0x7F || (c == ' ' && !is_file))
            return wrong(r, i, "a blank or control character", "a blank is written %20");
        if (c == '#')
            return wrong(r, i, "'#' has no meaning in a database URL", escape_hint);
    }
    return GODWIT_OK;
}

/* scheme ":" and, unless the scheme names a file, "//". */
static gw_rc
read_scheme(const reader *r, size_t *at)
{
    const size_t begin = *at;
    size_t end = begin;
    while (end < r->end &&
           (is_alpha(r->text.ptr[end]) || (end > begin && is_one_of(r->text.ptr[end], "0123456789+-."))))
        end++;
    char *const scheme = gw_strdup(r->a, gw_str_slice(r->text, begin, end));
    for (size_t i = 0; scheme[i] != '\0'; i++)
        if (scheme[i] >= 'A' && scheme[i] <= 'Z')
            scheme[i] = (char)(scheme[i] - 'A' + 'a');
    r->url->scheme = scheme;
    const bool slashes = gw_str_starts(gw_str_slice(r->text, end, r->end), "://");
    const bool colon = end < r->end && r->text.ptr[end] == ':';
    if (end == begin || !colon || (!slashes && !gw_url_is_file(r->url))) {
        (void)gw_fail(r->e, GODWIT_USAGE, "the database URL does not begin with a scheme, such as postgres://");
        return gw_err_hint(r->e, "write postgres://user@host/database, mysql://user@host/database or sqlite:app.db");
    }
    *at = end + (slashes ? 3 : 1);
    return GODWIT_OK;
}

static gw_rc
read_param(const reader *r, size_t from, size_t to)
{
    const size_t equals = find(r, from, to, "=");
    if (equals == to || equals == from)
        return wrong(r, from, "expected a parameter, name=value", param_hint);
    gw_url_param param = {0};
    GW_TRY(decode(r, from, equals, &param.name));
    GW_TRY(decode(r, equals + 1, to, &param.value));
    assert(param.name != NULL && param.value != NULL);
    const bool is_file = gw_url_is_file(r->url); /* which has no user */
    const bool is_user = !is_file && strcmp(param.name, "user") == 0;
    const bool is_password = !is_file && strcmp(param.name, "password") == 0;
    const char **const own = is_user ? &r->url->user : is_password ? &r->url->password : NULL;
    if ((own == NULL ? gw_url_param_get(r->url, param.name) : *own) != NULL)
        return wrong(r, from, "this parameter is given twice", "remove one of the two");
    if (own != NULL)
        *own = is_user && *param.value == '\0' ? NULL : param.value; /* as before the '@' */
    else
        *gw_vec_push(r->a, &r->url->params) = param;
    return GODWIT_OK;
}

/* From behind the '?'. */
static gw_rc
read_params(const reader *r, size_t from)
{
    while (from < r->end) {
        const size_t to = find(r, from, r->end, "&");
        GW_TRY(read_param(r, from, to));
        from = to + 1;
        if (from == r->end)
            return wrong(r, to, "expected a parameter behind '&'", param_hint);
    }
    return GODWIT_OK;
}

/* sqlite:rel, sqlite:/abs, sqlite://rel, sqlite:///abs, sqlite::memory: */
static gw_rc
read_file(const reader *r, size_t at)
{
    const size_t mark = find(r, at, r->end, "?");
    if (mark == at)
        return wrong(r, at, "the name of the file is missing", "write sqlite:app.db, or sqlite::memory:");
    GW_TRY(decode(r, at, mark, &r->url->database));
    return read_params(r, mark + 1);
}

static gw_rc
read_userinfo(const reader *r, size_t from, size_t to)
{
    const size_t colon = find(r, from, to, ":");
    if (colon > from)
        GW_TRY(decode(r, from, colon, &r->url->user));
    if (colon < to)
        GW_TRY(decode(r, colon + 1, to, &r->url->password));
    return GODWIT_OK;
}

/* [address] with an optional zone, `fe80::1%25eth0`; *to becomes the end behind the bracket. */
static gw_rc
read_bracketed(const reader *r, size_t from, size_t *to, const char **host)
{
    struct in6_addr address;
    const size_t close = find(r, from, *to, "]");
    if (close == *to)
        return wrong(r, from, "the ']' of an IPv6 address is missing", "write [::1]");
    GW_TRY(decode(r, from + 1, close, host));
    const size_t bare = strcspn(*host, "%");
    const bool is_zone = (*host)[bare] == '\0' || is_plain_name(*host + bare + 1);
    if (!is_zone || inet_pton(AF_INET6, gw_strdup(r->a, (gw_str){*host, bare}), &address) != 1)
        return wrong(r, from, "no IPv6 address between the brackets", "write [::1]");
    if (close + 1 < *to && r->text.ptr[close + 1] != ':')
        return wrong(r, close + 1, "expected ':' and a port, or '/'", escape_hint);
    *to = close + 1;
    return GODWIT_OK;
}

/* A name, or the path of a socket with its slashes escaped. */
static gw_rc
read_name(const reader *r, size_t from, size_t to, const char **host)
{
    for (size_t i = from; i < to; i++) {
        const char c = r->text.ptr[i];
        if (!is_unreserved(c) && c != '%' && (unsigned char)c < 0x80)
            return wrong(r, i, "this character cannot be part of a host name", escape_hint);
    }
    GW_TRY(decode(r, from, to, host));
    const bool is_socket = is_one_of(**host, "/@") && strchr(*host, ',') == NULL;
    if (from < to && !is_socket && !is_plain_name(*host))
        return wrong(r, from, "an escape that cannot be part of a host name",
                     "only the path of a socket has escapes: %2Frun");
    return GODWIT_OK;
}

static gw_rc
read_port(const reader *r, size_t from, size_t to, unsigned *port)
{
    unsigned value = 0;
    for (size_t i = from; i < to; i++) {
        value = gw_is_digit(r->text.ptr[i]) ? value * 10 + (unsigned)(r->text.ptr[i] - '0') : 65536;
        if (value > 65535)
            break;
    }
    if (value > 65535 || (value == 0 && to > from))
        return wrong(r, from, "the port must be a number from 1 to 65535", escape_hint);
    *port = value;
    return GODWIT_OK;
}

static gw_rc
read_host(const reader *r, size_t from, size_t to, const char **host, unsigned *port)
{
    size_t name_end = to;
    *port = 0;
    if (from < to && r->text.ptr[from] == '[') {
        GW_TRY(read_bracketed(r, from, &name_end, host));
    } else {
        name_end = find(r, from, to, ":");
        if (name_end < to && find(r, name_end + 1, to, ":") < to)
            return wrong(r, from, "more than one ':' in host and port", "write an IPv6 address in brackets: [::1]");
        GW_TRY(read_name(r, from, name_end, host));
    }
    return name_end < to ? read_port(r, name_end + 1, to, port) : GODWIT_OK;
}

static gw_rc
read_hosts(const reader *r, size_t from, size_t to)
{
    gw_buf hosts = gw_buf_new(r->a), ports = gw_buf_new(r->a);
    bool any_port = false;
    for (size_t at = from, count = 0; at <= to; count++) {
        const size_t next = find(r, at, to, ",");
        const char *host = "";
        unsigned port = 0;
        GW_TRY(read_host(r, at, next, &host, &port));
        gw_buf_printf(&hosts, "%s%s", count == 0 ? "" : ",", host);
        gw_buf_puts(&ports, count == 0 ? "" : ",");
        if (port != 0)
            gw_buf_printf(&ports, "%u", port);
        any_port |= port != 0;
        r->url->port = port;
        at = next + 1;
    }
    r->url->host = hosts.len == 0 ? NULL : gw_buf_text(&hosts);
    if (find(r, from, to, ",") < to) {
        r->url->port = 0;
        if (any_port)
            *gw_vec_push(r->a, &r->url->params) = (gw_url_param){"port", gw_buf_text(&ports)};
    }
    return GODWIT_OK;
}

/* [user[:password]@]host[:port][/database][?parameters] */
static gw_rc
read_server(const reader *r, size_t at)
{
    const size_t authority_end = find(r, at, r->end, "/?"), mark = find(r, at, r->end, "?");
    const size_t stray = find(r, authority_end, r->end, "@");
    if (stray < r->end)
        return wrong(r, stray, "an '@' behind the host must be written %40", escape_hint);
    size_t host = authority_end;
    while (host > at && r->text.ptr[host - 1] != '@')
        host--;
    if (host > at)
        GW_TRY(read_userinfo(r, at, host - 1));
    GW_TRY(read_hosts(r, host, authority_end));
    if (mark > authority_end + 1) {
        const size_t slash = find(r, authority_end + 1, mark, "/");
        if (slash < mark)
            return wrong(r, slash, "a '/' in the name of the database must be written %2F",
                         "the name of the database is the last part of the URL's path; nothing follows it but ?");
        GW_TRY(decode(r, authority_end + 1, mark, &r->url->database));
    }
    return mark < r->end ? read_params(r, mark + 1) : GODWIT_OK;
}

gw_rc
gw_url_parse(gw_arena *a, gw_str text, gw_url *out, gw_err *e)
{
    const gw_str trimmed = gw_str_trim(text);
    size_t at = (size_t)(trimmed.ptr - text.ptr);
    *out = (gw_url){0};
    const reader r = {.a = a, .text = text, .end = at + trimmed.len, .url = out, .e = e};
    GW_TRY(read_scheme(&r, &at));
    const bool is_file = gw_url_is_file(out);
    GW_TRY(check_characters(&r, at, is_file));
    return is_file ? read_file(&r, at) : read_server(&r, at);
}

const char *
gw_url_param_get(const gw_url *url, const char *name)
{
    for (size_t i = 0; i < url->params.len; i++)
        if (strcmp(url->params.at[i].name, name) == 0)
            return url->params.at[i].value;
    return NULL;
}

/* Percent-encode what is neither unreserved nor one of `also`; characters beyond ASCII stay when they are UTF-8. */
static void
encode(gw_buf *b, gw_str s, const char *also)
{
    const bool is_utf8 = gw_str_utf8_valid(s) == s.len;
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.ptr[i];
        if (is_unreserved(c) || is_one_of(c, also) || (is_utf8 && (unsigned char)c >= 0x80))
            gw_buf_putc(b, c);
        else
            gw_buf_printf(b, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static void
show_hosts(gw_buf *b, gw_str hosts)
{
    do {
        const gw_str host = gw_str_cut(hosts, ',', &hosts);
        const bool is_ipv6 = host.len > 0 && !is_one_of(host.ptr[0], "/@") && memchr(host.ptr, ':', host.len) != NULL;
        gw_buf_puts(b, is_ipv6 ? "[" : "");
        encode(b, host, is_ipv6 ? ":" : "");
        gw_buf_puts(b, is_ipv6 ? "]" : "");
        gw_buf_puts(b, hosts.ptr == NULL ? "" : ",");
    } while (hosts.ptr != NULL);
}

char *
gw_url_show(gw_arena *a, const gw_url *url)
{
    gw_buf b = gw_buf_new(a);
    gw_buf_printf(&b, "%s:", url->scheme);
    if (gw_url_is_file(url)) {
        gw_buf_puts(&b, url->database[0] == '/' ? "//" : "");
        encode(&b, gw_str_of(url->database), "/:@!$&'()*+,;=[]");
        return gw_strdup(a, gw_buf_str(&b));
    }
    gw_buf_puts(&b, "//");
    if (url->user != NULL) {
        encode(&b, gw_str_of(url->user), "");
        gw_buf_puts(&b, "@");
    }
    show_hosts(&b, gw_str_of(url->host));
    if (url->port != 0)
        gw_buf_printf(&b, ":%u", url->port);
    if (url->database != NULL) {
        gw_buf_puts(&b, "/");
        encode(&b, gw_str_of(url->database), "");
    }
    return gw_strdup(a, gw_buf_str(&b));
}

static bool
is_loopback(gw_arena *a, gw_str host)
{
    const char *const name = gw_strdup(a, host);
    unsigned char v4[4] = {0}, v6[16] = {0};
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF}, one[16] = {[15] = 1};
    if (inet_pton(AF_INET, name, v4) == 1)
        return v4[0] == 127;
    if (inet_pton(AF_INET6, name, v6) == 1)
        return memcmp(v6, one, sizeof(one)) == 0 || (memcmp(v6, mapped, sizeof(mapped)) == 0 && v6[12] == 127);
    return gw_str_is_nocase(host, "localhost");
}

static bool
any_remote(gw_str hosts)
{
    GW_SCOPE(a);
    do {
        const gw_str host = gw_str_cut(hosts, ',', &hosts);
        const bool is_socket = host.len == 0 || host.ptr[0] == '/' || host.ptr[0] == '@';
        if (!is_socket && !is_loopback(a, host))
            return true;
    } while (hosts.ptr != NULL);
    return false;
}

bool
gw_url_is_remote(const gw_url *url)
{
    return any_remote(gw_str_of(url->host)) || any_remote(gw_str_of(gw_url_param_get(url, "host"))) ||
           any_remote(gw_str_of(gw_url_param_get(url, "hostaddr")));
}

bool
gw_url_is_file(const gw_url *url)
{
    return strcmp(url->scheme, "sqlite") == 0 || strcmp(url->scheme, "sqlite3") == 0;
}
