#include "engine/postgres/error.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { STATE = 5, DETAIL_CAP = 300, CONTEXT_CAP = 200 };

/* ---- a statement ---- */

/* SQLSTATEs that a retry may get past, and losses that it may not. By longest prefix; others are final. */
typedef struct outlook {
    const char *state;
    bool transient, lock_wait;
} outlook;

static const outlook outlooks[] = {
    {"08", true, false},     /* connection exception */
    {"08007", false, false}, /* transaction resolution unknown */
    {"08P01", false, false}, /* protocol violation */
    {"25P03", true, false},  /* idle-in-transaction time-out */
    {"40001", true, false},  /* serialization failure */
    {"40003", false, false}, /* statement completion unknown */
    {"40P01", true, false},  /* deadlock */
    {"53300", true, false},  /* too many connections */
    {"55006", true, false},  /* object in use: a template database that somebody reads */
    {"55P03", true, true},   /* lock not available */
    {"57P01", true, false},  /* admin shutdown */
    {"57P02", true, false},  /* crash shutdown */
    {"57P03", true, false},  /* cannot connect now */
    {"57P05", true, false},  /* idle session time-out */
};

static outlook
outlook_of(const char *state)
{
    size_t longest = 0;
    outlook best = {state, false, false};
    for (size_t i = 0; i < COUNT(outlooks); i++) {
        const size_t len = strlen(outlooks[i].state);
        if (len > longest && strncmp(state, outlooks[i].state, len) == 0) {
            longest = len;
            best = outlooks[i];
        }
    }
    return best;
}

/* PgBouncer has one SQLSTATE for all that it says itself. What of it passes: no server connection was free, or to be had. */
static bool
is_pooler_trouble(const char *state, gw_str said)
{
    static const char *const texts[] = {
        "query_wait_timeout",          "server conn crashed",      "server login has been failing",
        "no more connections allowed", "cannot connect to server", "the database system is ",
    };
    GW_SCOPE(a);
    const char *const text = gw_strdup(a, said);
    for (size_t i = 0; i < COUNT(texts) && strcmp(state, "08P01") == 0; i++)
        if (strstr(text, texts[i]) != NULL)
            return true;
    return false;
}

/* Into *e what its code and the text promise of another try. */
static void
judge(const char *state, gw_str said, gw_err *e)
{
    const outlook o = outlook_of(state);
    e->transient = o.transient || is_pooler_trouble(state, said);
    e->lock_wait = o.lock_wait;
}

/* A field of the server's report; NULL when it has none. */
static const char *
field(const PGresult *r, int code)
{
    const char *const text = r == NULL ? NULL : PQresultErrorField(r, code);
    return text == NULL || text[0] == '\0' ? NULL : text;
}

static void
note(gw_err *e, const char *label, const char *text, int cap)
{
    if (text != NULL)
        gw_err_note(e, "%s: %.*s%s", label, cap, text, strlen(text) > (size_t)cap ? "…" : "");
}

static gw_str
first_line(const char *text)
{
    gw_str rest;
    return gw_str_trim(gw_str_cut(gw_str_of(text), '\n', &rest));
}

/* The server counts characters from 1; we count bytes. */
static size_t
byte_offset(const gw_pg *c, gw_str sql, const char *position)
{
    const unsigned long characters = position == NULL ? 0 : strtoul(position, NULL, 10);
    if (characters == 0)
        return 0;
    const int encoding = PQclientEncoding(c->link);
    size_t at = 0;
    for (unsigned long i = 1; i < characters && at < sql.len; i++) {
        const int len = PQmblen(sql.ptr + at, encoding);
        at += len > 0 ? (size_t)len : 1;
    }
    return (at < sql.len ? at : sql.len) + 1;
}

/* "COPY users, line 3, column id": the line is the user's. What a trigger did stands above it. */
static void
note_copy_line(gw_err *e, const char *context)
{
    for (gw_str rest = gw_str_of(context); rest.len > 0;) {
        const gw_str frame = gw_str_cut(rest, '\n', &rest);
        const char *const line = gw_str_starts(frame, "COPY ") ? strstr(frame.ptr, ", line ") : NULL;
        if (line != NULL && line < frame.ptr + frame.len)
            gw_err_note(e, "line %lu of the COPY data", strtoul(line + strlen(", line "), NULL, 10));
    }
}

static void
add_particulars(gw_pg *c, const PGresult *r, gw_str sql, gw_err *e)
{
    const char *const context = field(r, PG_DIAG_CONTEXT);
    const char *const hint = field(r, PG_DIAG_MESSAGE_HINT);
    note(e, "detail", field(r, PG_DIAG_MESSAGE_DETAIL), DETAIL_CAP);
    note(e, "in", field(r, PG_DIAG_INTERNAL_QUERY), CONTEXT_CAP);
    note_copy_line(e, context);
    note(e, "context", context, CONTEXT_CAP);
    if (hint != NULL)
        gw_err_hint(e, "%s", hint);
    e->offset = byte_offset(c, sql, field(r, PG_DIAG_STATEMENT_POSITION));
}

static bool
is_lost(const gw_pg *c, const PGresult *r)
{
    const char *const severity = field(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    return PQstatus(c->link) != CONNECTION_OK ||
           (severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0));
}

/* Nobody waits for the server any longer. */
static gw_rc
fail_unheard(const gw_pg *c, gw_err *e)
{
    if (c->cancelling) {
        gw_fail(e, GODWIT_INTERRUPTED, "interrupted");
        return gw_err_note(e,
                           "the server did not answer within 5 s after it was asked to cancel, and the connection was "
                           "closed: the statement may go on there");
    }
    gw_fail(e, GODWIT_CONNECT, "the server did not answer, and the connection was closed");
    e->transient = true;
    return e->rc;
}

gw_rc
gw_pg_fail(gw_pg *c, const PGresult *r, gw_str sql, gw_err *e)
{
    const char *const state = field(r, PG_DIAG_SQLSTATE);
    const char *const text = field(r, PG_DIAG_MESSAGE_PRIMARY);
    const gw_str said =
        text != NULL ? gw_str_of(text) : first_line(r == NULL ? PQerrorMessage(c->link) : PQresultErrorMessage(r));
    if (c->gave_up)
        return fail_unheard(c, e);
    if (c->cancelling && state != NULL && strcmp(state, "57014") == 0) {
        gw_err_copy(e->code, sizeof(e->code), gw_str_of(state));
        return gw_fail(e, GODWIT_INTERRUPTED, "interrupted: the server cancelled the statement");
    }
    const bool lost = is_lost(c, r);
    if (lost)
        gw_fail(e, GODWIT_CONNECT, "the connection was lost: %.*s", GW_STR_ARG(said));
    else
        gw_fail(e, GODWIT_FAILED, "%.*s", GW_STR_ARG(said));
    e->transient = lost;
    if (state != NULL)
        judge(state, said, e);
    gw_err_copy(e->code, sizeof(e->code), gw_str_of(state));
    add_particulars(c, r, sql, e);
    return e->rc;
}

gw_rc
gw_pg_note_loss(const gw_err *why, gw_err *e)
{
    if (why->rc != GODWIT_INTERRUPTED) /* of that the notes tell more */
        gw_err_note(e, "%s", why->message);
    gw_err_copy(e->code, sizeof(e->code), gw_str_of(why->code)); /* somebody may have ended the session on purpose */
    for (gw_str rest = gw_str_of(why->notes); rest.len > 0;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        gw_err_note(e, "%.*s", GW_STR_ARG(line));
    }
    return e->rc;
}

/* ---- no connection ---- */

static const struct {
    const char *state, *hint;
} connect_hints[] = {
    {"28P01", "check user and password: in the URL, in PGUSER and PGPASSWORD, in ~/.pgpass"},
    {"28000",
     "the server's pg_hba.conf decides who may connect from where, and whether TLS is needed (?sslmode=require)"},
    {"53300", "the server has no connection left: end idle ones, or raise max_connections"},
    {"57P03", "the server is starting or stopping: `godwit db wait` waits until it accepts connections"},
    {"42501", "the user needs the CONNECT privilege on the database"},
};

/* libpq speaks through one text. In its verbose form a server's report is "FATAL:  28P01: password …". */
static const char *
find_state(const char *text)
{
    for (const char *at = text; (at = strstr(at, ":  ")) != NULL; at++)
        if (strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == STATE && strncmp(at + 3 + STATE, ": ", 2) == 0)
            return at + 3;
    return NULL;
}

static bool
mentions_errno(const char *text, const int *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(text, strerror(numbers[i])) != NULL)
            return true;
    return false;
}

static bool
mentions_lookup(const char *text, const int *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(text, gai_strerror(numbers[i])) != NULL)
            return true;
    return false;
}

/* Not there, or not yet: a server that starts may still come. */
static bool
is_unreachable(const char *text)
{
    static const int refused[] = {ECONNREFUSED, ECONNRESET, ECONNABORTED, ENETUNREACH, EHOSTUNREACH, ETIMEDOUT,
                                  ENETDOWN,     EHOSTDOWN,  ENOENT,       EAGAIN,      EPIPE,        EADDRNOTAVAIL};
    static const int lookup[] = {EAI_AGAIN};
    return mentions_errno(text, refused, COUNT(refused)) || mentions_lookup(text, lookup, COUNT(lookup)) ||
           strstr(text, "closed the connection unexpectedly") != NULL;
}

/* Not a matter of how the connection was asked for. */
static bool
is_network(const char *text)
{
    static const int denied[] = {EACCES, EPERM, EMFILE, ENFILE};
    static const int lookup[] = {EAI_NONAME, EAI_FAIL, EAI_SYSTEM, EAI_FAMILY, EAI_SERVICE, EAI_MEMORY};
    return is_unreachable(text) || mentions_errno(text, denied, COUNT(denied)) ||
           mentions_lookup(text, lookup, COUNT(lookup));
}

static gw_rc
fail_by_server(const char *state, gw_err *e)
{
    gw_str rest;
    const gw_str said = gw_str_cut(gw_str_of(state + STATE + 2), '\n', &rest);
    gw_fail(e, GODWIT_CONNECT, "%.*s", GW_STR_ARG(said));
    gw_err_copy(e->code, sizeof(e->code), (gw_str){state, STATE});
    judge(e->code, said, e);
    while (rest.len > 0) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (gw_str_starts(line, "DETAIL:  "))
            gw_err_note(e, "detail: %.*s", GW_STR_ARG(gw_str_slice(line, 9, line.len)));
        else if (gw_str_starts(line, "HINT:  "))
            gw_err_hint(e, "%.*s", GW_STR_ARG(gw_str_slice(line, 7, line.len)));
    }
    for (size_t i = 0; i < COUNT(connect_hints); i++)
        if (strcmp(e->code, connect_hints[i].state) == 0)
            gw_err_hint(e, "%s", connect_hints[i].hint);
    return e->rc;
}

/* One line an address that was tried; what follows with a tab is advice. */
static void
fail_by_libpq(const char *text, gw_err *e)
{
    gw_str rest = gw_str_of(text);
    while (rest.len > 0) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (e->rc == GODWIT_OK)
            gw_fail(e, GODWIT_CONNECT, "%.*s", GW_STR_ARG(line));
        else if (line.len > 0 && line.ptr[0] != '\t')
            gw_err_note(e, "%.*s", GW_STR_ARG(line));
    }
    if (e->rc == GODWIT_OK)
        gw_fail(e, GODWIT_CONNECT, "no connection to the server");
}

static gw_rc
hint_at_tls(const gw_pg_refusal *refusal, gw_err *e)
{
    return gw_err_hint(
        e,
        "%s ?sslrootcert=FILE names the authority that signed the certificate, ?sslmode=require encrypts "
        "without verifying, ?sslmode=disable does not encrypt",
        refusal->verified
            ? "to a remote host, TLS with a verified certificate is required unless the URL says otherwise:"
            : "the URL can say how TLS is used:");
}

gw_rc
gw_pg_fail_connect(const gw_pg_refusal *refusal, gw_err *e)
{
    const char *const text = PQerrorMessage(refusal->link);
    const char *const state = find_state(text);
    if (state != NULL)
        return fail_by_server(state, e);
    if (refusal->phase == CONNECTION_BAD && !is_network(text))
        return gw_fail(e, GODWIT_USAGE, "%.*s", GW_STR_ARG(first_line(text)));
    fail_by_libpq(text, e);
    if (refusal->phase == CONNECTION_SSL_STARTUP) {
        e->transient = strstr(text, "SYSCALL") != NULL; /* cut off during the handshake, rather than refused */
        return hint_at_tls(refusal, e);
    }
    e->transient = is_unreachable(text);
    if (PQconnectionNeedsPassword(refusal->link) != 0)
        return gw_err_hint(e, "give the password in the URL, in PGPASSWORD or in ~/.pgpass");
    return e->transient ? gw_err_hint(e, "is the server running there, and does it accept connections?") : e->rc;
}
