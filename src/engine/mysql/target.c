#include "engine/mysql/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#include "base/ban.h"

enum { CONNECT_TIMEOUT_MS = 10000 };

typedef enum url_word {
    WORD_TLS,
    WORD_CA,
    WORD_CERT,
    WORD_KEY,
    WORD_SOCKET,
    WORD_CHARSET,
    WORD_CONNECT_TIMEOUT
} url_word;

/* '-' and '_' are the same, and so is upper and lower case. */
static const struct {
    const char *name;
    url_word word;
} words[] = {
    {"sslmode", WORD_TLS},
    {"ssl-mode", WORD_TLS},
    {"sslrootcert", WORD_CA},
    {"ssl-ca", WORD_CA},
    {"sslcert", WORD_CERT},
    {"ssl-cert", WORD_CERT},
    {"sslkey", WORD_KEY},
    {"ssl-key", WORD_KEY},
    {"socket", WORD_SOCKET},
    {"charset", WORD_CHARSET},
    {"connect_timeout", WORD_CONNECT_TIMEOUT},
};

/* libpq's words, and those of the mysql client. */
static const struct {
    const char *name;
    gw_mysql_tls mode;
} modes[] = {
    {"disable", GW_MYSQL_TLS_DISABLE},
    {"disabled", GW_MYSQL_TLS_DISABLE},
    {"require", GW_MYSQL_TLS_REQUIRE},
    {"required", GW_MYSQL_TLS_REQUIRE},
    {"verify-ca", GW_MYSQL_TLS_VERIFY_CA},
    {"verify-full", GW_MYSQL_TLS_VERIFY_FULL},
    {"verify-identity", GW_MYSQL_TLS_VERIFY_FULL},
};

static const char *const charsets[] = {"utf8mb4", "utf8"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
same_word(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if (tolower((unsigned char)(*a == '_' ? '-' : *a)) != tolower((unsigned char)(*b == '_' ? '-' : *b)))
            return false;
    return *a == *b;
}

static gw_rc
unknown_word(const char *name, gw_err *e)
{
    const char *known[COUNT(words)];
    for (size_t i = 0; i < COUNT(words); i++)
        known[i] = words[i].name;
    const char *const near = gw_str_nearest(gw_str_of(name), known, COUNT(words));
    (void)gw_fail(e, GODWIT_USAGE, "the database URL has a parameter '%s' that means nothing to MySQL and MariaDB",
                  name);
    if (near != NULL)
        return gw_err_hint(e, "did you mean '%s'?", near);
    return gw_err_hint(e, "known are sslmode, sslrootcert, sslcert, sslkey, socket, charset and connect_timeout");
}

static gw_rc
read_tls(const char *value, gw_mysql_tls *out, gw_err *e)
{
    for (size_t i = 0; i < COUNT(modes); i++)
        if (same_word(value, modes[i].name)) {
            *out = modes[i].mode;
            return GODWIT_OK;
        }
    (void)gw_fail(e, GODWIT_USAGE, "sslmode '%s' of the database URL is unknown", value);
    return gw_err_hint(e, "it is one of disable, require, verify-ca, verify-full");
}

static gw_rc
check_charset(const char *value, gw_err *e)
{
    for (size_t i = 0; i < COUNT(charsets); i++)
        if (same_word(value, charsets[i]))
            return GODWIT_OK;
    (void)gw_fail(e, GODWIT_USAGE, "charset '%s' of the database URL is not utf8mb4", value);
    return gw_err_hint(e, "migrations are UTF-8; leave charset out, and put SET NAMES into a file that needs another");
}

/* libmariadb would say no more than that TLS failed. */
static gw_rc
take_file(const char *name, const char *path, const char **out, gw_err *e)
{
    if (access(path, R_OK) != 0)
        return gw_fail(e, GODWIT_USAGE, "%s '%s' of the database URL cannot be read: %s", name, path, strerror(errno));
    *out = path;
    return GODWIT_OK;
}

static gw_rc
take_word(url_word word, const char *value, gw_mysql_target *t, gw_err *e)
{
    switch (word) {
    case WORD_TLS:
        return read_tls(value, &t->tls, e);
    case WORD_CA:
        return take_file("sslrootcert", value, &t->ca, e);
    case WORD_CERT:
        return take_file("sslcert", value, &t->cert, e);
    case WORD_KEY:
        return take_file("sslkey", value, &t->key, e);
    case WORD_SOCKET:
        t->socket = value;
        break;
    case WORD_CHARSET:
        return check_charset(value, e);
    case WORD_CONNECT_TIMEOUT:
        return gw_duration_parse(gw_str_of(value), &t->connect_timeout_ms, e);
    }
    return GODWIT_OK;
}

static gw_rc
read_words(const gw_url *url, gw_mysql_target *t, gw_err *e)
{
    for (size_t i = 0; i < url->params.len; i++) {
        const gw_url_param *const p = &url->params.at[i];
        size_t w = 0;
        while (w < COUNT(words) && !same_word(p->name, words[w].name))
            w++;
        if (w == COUNT(words))
            return unknown_word(p->name, e);
        GW_TRY(take_word(words[w].word, p->value, t, e));
    }
    return GODWIT_OK;
}

/* The target's own copy: the cancelling thread dials long after open() returned. */
static const gw_url *
copy_url(gw_arena *a, const gw_url *url)
{
    gw_url *const copy = gw_new(a, gw_url);
    *copy = (gw_url){
        .scheme = gw_text(a, url->scheme),
        .user = gw_text(a, url->user),
        .password = gw_text(a, url->password),
        .host = gw_text(a, url->host),
        .port = url->port,
        .database = gw_text(a, url->database),
    };
    for (size_t i = 0; i < url->params.len; i++)
        *gw_vec_push(a, &copy->params) =
            (gw_url_param){gw_text(a, url->params.at[i].name), gw_text(a, url->params.at[i].value)};
    return copy;
}

static gw_rc
read_database(const gw_open_params *p, gw_mysql_target *t, gw_err *e)
{
    const char *const name = t->url->database;
    if (p->maintenance)
        return GODWIT_OK;
    if (name == NULL || name[0] == '\0') {
        (void)gw_fail(e, GODWIT_USAGE, "the database URL names no database: %s", t->shown);
        return gw_err_hint(e, "add it as the path: mysql://user@host:3306/database");
    }
    t->database = name;
    return GODWIT_OK;
}

gw_rc
gw_mysql_target_read(gw_arena *a, const gw_open_params *p, gw_mysql_target *out, gw_err *e)
{
    *out = (gw_mysql_target){.url = copy_url(a, p->url), .shown = gw_url_show(a, p->url)};
    out->connect_timeout_ms = p->connect_timeout_ms > 0 ? p->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    const char *const host = out->url->host;
    if (host != NULL && host[0] == '/')
        out->socket = host;
    else if (host != NULL && strpbrk(host, ",;=/") != NULL) /* lists and connection strings, to libmariadb */
        return gw_fail(e, GODWIT_USAGE, "'%s' of the database URL is not one host", host);
    GW_TRY(read_words(out->url, out, e));
    return read_database(p, out, e);
}

void
gw_mysql_target_copy(gw_arena *a, const gw_mysql_target *t, gw_mysql_target *out)
{
    *out = (gw_mysql_target){
        .url = copy_url(a, t->url),
        .shown = gw_text(a, t->shown),
        .database = gw_text(a, t->database),
        .tls = t->tls,
        .ca = gw_text(a, t->ca),
        .cert = gw_text(a, t->cert),
        .key = gw_text(a, t->key),
        .socket = gw_text(a, t->socket),
        .connect_timeout_ms = t->connect_timeout_ms,
    };
}
