#include "engine/postgres/options.h"

#include "engine/postgres/library.h"
#include <pwd.h>
#include <string.h>

#include "base/file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
put(gw_arena *a, gw_pg_options *o, const char *keyword, const char *value)
{
    *gw_vec_push(a, &o->keywords) = keyword;
    *gw_vec_push(a, &o->values) = value;
}

static const char *
get(const gw_pg_options *o, const char *keyword)
{
    for (size_t i = o->keywords.len; i-- > 0;)
        if (strcmp(o->keywords.at[i], keyword) == 0)
            return o->values.at[i];
    return NULL;
}

/* ---- the URL ---- */

/* Parameters that other drivers know, and that are not libpq's. */
static const char *const other_names[] = {"search_path", "ssl"};

typedef gw_vec(const char *) names;

static void
list_names(gw_arena *a, names *out)
{
    PQconninfoOption *const all = PQconninfoParse("", NULL);
    for (const PQconninfoOption *o = all; o != NULL && o->keyword != NULL; o++)
        if (o->dispchar[0] != 'D') /* debugging options, and `replication`, which takes no SQL */
            *gw_vec_push(a, out) = gw_text(a, o->keyword);
    PQconninfoFree(all);
    for (size_t i = 0; i < COUNT(other_names); i++)
        *gw_vec_push(a, out) = other_names[i];
}

static gw_rc
check_name(const names *known, const char *name, gw_err *e)
{
    for (size_t i = 0; i < known->len; i++)
        if (strcmp(known->at[i], name) == 0)
            return GODWIT_OK;
    gw_fail(e, GODWIT_USAGE, "the URL parameter '%s' means nothing to PostgreSQL", name);
    const char *const nearest = gw_str_nearest(gw_str_of(name), known->at, known->len);
    return nearest == NULL ? gw_err_hint(e, "the parameters are those of libpq, and search_path")
                           : gw_err_hint(e, "did you mean '%s'?", nearest);
}

/* Everything that is sent is UTF-8. */
static gw_rc
check_encoding(const char *value, gw_err *e)
{
    if (gw_str_is_nocase(gw_str_of(value), "UTF8") || gw_str_is_nocase(gw_str_of(value), "UTF-8"))
        return GODWIT_OK;
    return gw_fail(e, GODWIT_USAGE, "the URL asks for client_encoding=%s, and godwit speaks UTF8", value);
}

/* "-c search_path=…" for the start-up packet's options, where blanks and backslashes are escaped. */
static const char *
search_path_option(gw_arena *a, const char *path)
{
    gw_buf out = gw_buf_new(a);
    gw_buf_puts(&out, "-c search_path=");
    for (const char *p = path; *p != '\0'; p++) {
        if (*p == ' ' || *p == '\\' || *p == '\t' || *p == '\n')
            gw_buf_putc(&out, '\\');
        gw_buf_putc(&out, *p);
    }
    return gw_buf_text(&out);
}

static gw_rc
put_param(gw_arena *a, const names *known, const gw_url_param *p, gw_pg_options *o, gw_err *e)
{
    GW_TRY(check_name(known, p->name, e));
    if (strcmp(p->name, "client_encoding") == 0)
        return check_encoding(p->value, e);
    if (strcmp(p->name, "ssl") == 0) { /* JDBC's, which libpq's own URLs know in this one form */
        if (strcmp(p->value, "true") != 0)
            return gw_fail(e, GODWIT_USAGE, "the URL says ssl=%s; write sslmode=…", p->value);
        put(a, o, "sslmode", "require");
    } else if (strcmp(p->name, "search_path") != 0) {
        put(a, o, p->name, p->value);
    }
    return GODWIT_OK;
}

static gw_rc
put_url(gw_arena *a, const gw_url *url, gw_pg_options *o, gw_err *e)
{
    const struct {
        const char *keyword, *value;
    } parts[] = {
        {"user", url->user},       {"password", url->password},
        {"host", url->host},       {"port", url->port == 0 ? NULL : gw_printf(a, "%u", url->port)},
        {"dbname", url->database},
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i].value != NULL && parts[i].value[0] != '\0')
            put(a, o, parts[i].keyword, parts[i].value);
    names known = {0};
    list_names(a, &known);
    for (size_t i = 0; i < url->params.len; i++)
        GW_TRY(put_param(a, &known, &url->params.at[i], o, e));
    o->timeout_in_url = gw_url_param_get(url, "connect_timeout") != NULL;
    return GODWIT_OK;
}

/* ---- what libpq makes of it ---- */

typedef struct meant {
    const char *host, *hostaddr, *database, *user, *options, *sslmode, *sslrootcert, *connect_timeout,
        *tcp_user_timeout, *keepalives_idle, *keepalives_interval, *keepalives_count;
} meant;

static void
copy_meant(gw_arena *a, const PQconninfoOption *o, meant *out)
{
    const struct {
        const char *keyword, **value;
    } wanted[] = {
        {"host", &out->host},
        {"hostaddr", &out->hostaddr},
        {"dbname", &out->database},
        {"user", &out->user},
        {"options", &out->options},
        {"sslmode", &out->sslmode},
        {"sslrootcert", &out->sslrootcert},
        {"connect_timeout", &out->connect_timeout},
        {"tcp_user_timeout", &out->tcp_user_timeout},
        {"keepalives_idle", &out->keepalives_idle},
        {"keepalives_interval", &out->keepalives_interval},
        {"keepalives_count", &out->keepalives_count},
    };
    for (size_t i = 0; i < COUNT(wanted); i++)
        if (strcmp(o->keyword, wanted[i].keyword) == 0 && o->val != NULL && o->val[0] != '\0')
            *wanted[i].value = gw_text(a, o->val);
}

/* libpq itself resolves environment and service file: a connection that is refused before it begins, by an option that
 * means nothing, says what it would have used. Nothing is sent; the password file is not looked at. */
static meant
ask_libpq(gw_arena *a, const gw_pg_options *o)
{
    meant out = {0};
    GW_SCOPE(scope);
    gw_pg_options probe = {0};
    for (size_t i = 0; i < o->keywords.len; i++)
        put(scope, &probe, o->keywords.at[i], o->values.at[i]);
    put(scope, &probe, "passfile", "/dev/null/none");
    put(scope, &probe, "target_session_attrs", "none-such");
    put(scope, &probe, NULL, NULL);
    PGconn *const link = PQconnectStartParams(probe.keywords.at, probe.values.at, 0);
    PQconninfoOption *const all = PQconninfo(link);
    for (const PQconninfoOption *p = all; p != NULL && p->keyword != NULL; p++)
        copy_meant(a, p, &out);
    PQconninfoFree(all);
    PQfinish(link);
    return out;
}

/* ---- TLS ---- */

static bool
is_said(const meant *m)
{
    const char *const environment = getenv("PGSSLMODE");
    return (environment != NULL && environment[0] != '\0') || (m->sslmode != NULL && strcmp(m->sslmode, "prefer") != 0);
}

static const char *
home(gw_arena *a)
{
    const char *const said = getenv("HOME");
    char bytes[4096];
    struct passwd entry, *found = NULL;
    if (said != NULL && said[0] != '\0')
        return said;
    (void)getpwuid_r(geteuid(), &entry, bytes, sizeof(bytes), &found);
    return found == NULL ? NULL : gw_text(a, found->pw_dir);
}

/* Where to look for the authority when nobody says: the user's file, then the system's. */
static const char *
root_certificate(gw_arena *a, const char *sslmode)
{
    enum { KNOWS_SYSTEM = 160000 };
    static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                          "/etc/ssl/cert.pem"};
    const char *const at_home = home(a);
    const char *const own = at_home == NULL ? NULL : gw_printf(a, "%s/.postgresql/root.crt", at_home);
    if (own != NULL && gw_path_is(own) == GW_PATH_FILE)
        return own;
    if (PQlibVersion() >= KNOWS_SYSTEM && strcmp(sslmode, "verify-full") == 0)
        return "system";
    for (size_t i = 0; i < COUNT(bundles); i++)
        if (gw_path_is(bundles[i]) == GW_PATH_FILE)
            return bundles[i];
    return NULL;
}

static void
put_tls(gw_arena *a, const meant *m, gw_pg_options *o)
{
    const char *const said = get(o, "sslmode");
    const gw_url meant_host = {.host = m->hostaddr != NULL ? m->hostaddr : m->host}; /* the address is what counts */
    o->verified = said == NULL && !is_said(m) && gw_url_is_remote(&meant_host);
    if (o->verified)
        put(a, o, "sslmode", "verify-full");
    const char *const sslmode = o->verified ? "verify-full" : said != NULL ? said : m->sslmode;
    if (m->sslrootcert != NULL || sslmode == NULL || strncmp(sslmode, "verify-", 7) != 0)
        return;
    const char *const root = root_certificate(a, sslmode);
    if (root != NULL)
        put(a, o, "sslrootcert", root);
}

/* ---- the rest ---- */

/* A dead network is noticed within half a minute. */
static void
put_defaults(gw_arena *a, const meant *m, gw_pg_options *o)
{
    const struct {
        const char *keyword, *value, *said;
    } defaults[] = {
        {"keepalives_idle", "15", m->keepalives_idle},
        {"keepalives_interval", "5", m->keepalives_interval},
        {"keepalives_count", "3", m->keepalives_count},
        {"tcp_user_timeout", "30000", m->tcp_user_timeout},
    };
    for (size_t i = 0; i < COUNT(defaults); i++)
        if (defaults[i].said == NULL)
            put(a, o, defaults[i].keyword, defaults[i].value);
    put(a, o, "fallback_application_name", "godwit"); /* application_name and PGAPPNAME win */
    put(a, o, "client_encoding", "UTF8");
}

static size_t
count_hosts(const char *hosts)
{
    size_t count = 1;
    for (const char *p = hosts; p != NULL && (p = strchr(p, ',')) != NULL; p++)
        count++;
    return count;
}

gw_rc
gw_pg_options_read(gw_arena *a, const gw_url *url, const char *maintenance, gw_pg_options *out, gw_err *e)
{
    *out = (gw_pg_options){0};
    GW_TRY(put_url(a, url, out, e));
    const meant m = ask_libpq(a, out);
    const char *const path = gw_url_param_get(url, "search_path");
    const char *const seconds = m.connect_timeout;
    put_tls(a, &m, out);
    put_defaults(a, &m, out);
    if (path != NULL)
        put(a, out, "options",
            gw_printf(a, "%s%s%s", m.options == NULL ? "" : m.options, m.options == NULL ? "" : " ",
                      search_path_option(a, path)));
    out->database = m.database != NULL ? m.database : m.user;
    out->connect_timeout_ms = seconds == NULL ? 0 : strtoll(seconds, NULL, 10) * 1000;
    out->hosts = count_hosts(m.hostaddr != NULL ? m.hostaddr : m.host);
    if (maintenance != NULL)
        put(a, out, "dbname", maintenance);
    put(a, out, NULL, NULL);
    return GODWIT_OK;
}
