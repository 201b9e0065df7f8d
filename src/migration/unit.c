#include "migration/unit.h"

#include "sql/lex.h"

static const size_t nothing = SIZE_MAX;

typedef struct builder {
    gw_arena *a;
    const gw_units_params *p;
    gw_units *out;
    size_t begin;       /* the file's own BEGIN that is open; `nothing` outside */
    size_t run;         /* where the statements begin that share the next transaction; `nothing` when there are none */
    bool saw_control;   /* a BEGIN or COMMIT came */
    bool ends_for_tool; /* the first one was a COMMIT: the tool's transaction is expected, and the last COMMIT */
    bool is_apart;      /* no transaction at all: SET statements stand alone too */
} builder;

static bool
is_mysql(const gw_units_params *p)
{
    return p->dialect.kind == GW_DIALECT_MYSQL;
}

/* ---- saying no ---- */

typedef struct complaint {
    const char *message, *hint;
} complaint;

static const complaint rolls_back = {"a migration cannot roll back by itself",
                                     "remove the ROLLBACK and what it undoes: a failure rolls the migration back"};
static const complaint nested = {"this BEGIN stands in a transaction that is already open",
                                 "write COMMIT before it, or remove it"};
static const complaint never_begun = {"this COMMIT has no BEGIN",
                                      "remove it, or write BEGIN where its transaction begins"};
static const complaint never_ended = {"this BEGIN has no COMMIT", "write COMMIT at its end, or remove it: "
                                                                  "a file is one transaction anyway"};
static const complaint chained = {"godwit does not carry out COMMIT with CHAIN or RELEASE", "write a plain COMMIT"};
static const complaint two_phase = {"godwit does not carry out transactions in two phases", "write BEGIN and COMMIT"};
static const complaint inside_own = {"this statement cannot run in a transaction, and stands between BEGIN and COMMIT",
                                     "move it behind the COMMIT, or into a file of its own"};
static const complaint against_file = {"this statement cannot run in a transaction, and the file says `tx file`",
                                       "move it to a file of its own, or write `-- godwit:tx none` instead"};
static const complaint mixed = {
    "this statement cannot run in a transaction, and others stand beside it",
    "move it to a file of its own, or write `-- godwit:tx none` at the top to run the file without a transaction"};
static const complaint divides = {"this PRAGMA does nothing in a transaction, and the file says `tx file`",
                                  "move it to the beginning or the end of the file, or remove `tx file`"};
static const complaint no_savepoint = {"a savepoint needs a transaction, and there is none here",
                                       "write BEGIN before it and COMMIT after, or remove `tx none`"};
static const complaint never_unlocked = {"this LOCK TABLES has no UNLOCK TABLES", "write UNLOCK TABLES at its end"};
static const complaint never_unflushed = {"this FLUSH TABLES locks, and has no UNLOCK TABLES",
                                          "write UNLOCK TABLES at its end"};
static const complaint locked_inside = {"this locks tables, and stands between BEGIN and COMMIT",
                                        "move it behind the COMMIT: it would end the transaction"};

static gw_rc
complain(const gw_units_params *p, size_t i, const complaint *c, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s", c->message);
    (void)gw_err_at(e, p->path, p->text, p->stmts->at[i].offset);
    return gw_err_hint(e, "%s", c->hint);
}

/* ---- a closer look at a statement ---- */

static gw_lexer
words_of(const gw_units_params *p, size_t i)
{
    const gw_stmt *const s = &p->stmts->at[i];
    return gw_lex(gw_str_slice(p->text, s->offset, (size_t)s->offset + s->length), p->dialect);
}

/* Is its second word one of these? */
static bool
goes_on(const gw_units_params *p, size_t i, const char *word, const char *other)
{
    gw_lexer l = words_of(p, i);
    (void)gw_lex_solid(&l);
    const gw_str second = gw_lex_solid(&l).text;
    return gw_str_is_nocase(second, word) || gw_str_is_nocase(second, other);
}

/* COMMIT … AND CHAIN, RELEASE; not NO CHAIN. */
static bool
is_chained(const gw_units_params *p, size_t i)
{
    gw_lexer l = words_of(p, i);
    bool after_no = false;
    for (gw_token t = gw_lex_solid(&l); t.kind != GW_TOKEN_END; t = gw_lex_solid(&l)) {
        if (!after_no && (gw_str_is_nocase(t.text, "chain") || gw_str_is_nocase(t.text, "release")))
            return true;
        after_no = gw_str_is_nocase(t.text, "no");
    }
    return false;
}

static bool
is_two_phase(const gw_units_params *p, size_t i)
{
    const gw_str verb = p->classes[i].verb;
    if (is_mysql(p))
        return gw_str_is_nocase(verb, "xa");
    if (gw_str_is_nocase(verb, "prepare"))
        return goes_on(p, i, "transaction", "transaction");
    return (gw_str_is_nocase(verb, "commit") || gw_str_is_nocase(verb, "rollback")) &&
           goes_on(p, i, "prepared", "prepared");
}

static bool
is_table_lock(const gw_units_params *p, size_t i, const char *verb)
{
    return is_mysql(p) && gw_str_is_nocase(p->classes[i].verb, verb) && goes_on(p, i, "table", "tables");
}

/* FLUSH [LOCAL] TABLES … WITH READ LOCK, … FOR EXPORT. */
static bool
is_flush_lock(const gw_units_params *p, size_t i)
{
    gw_lexer l = words_of(p, i);
    if (!is_mysql(p) || !gw_str_is_nocase(gw_lex_solid(&l).text, "flush"))
        return false;
    gw_token t = gw_lex_solid(&l);
    if (gw_str_is_nocase(t.text, "local") || gw_str_is_nocase(t.text, "no_write_to_binlog"))
        t = gw_lex_solid(&l);
    if (!gw_str_is_nocase(t.text, "table") && !gw_str_is_nocase(t.text, "tables"))
        return false;
    while (t.kind != GW_TOKEN_END && !gw_str_is_nocase(t.text, "with") && !gw_str_is_nocase(t.text, "for"))
        t = gw_lex_solid(&l);
    return t.kind != GW_TOKEN_END;
}

static bool
takes_locks(const gw_units_params *p, size_t i)
{
    return is_table_lock(p, i, "lock") || is_flush_lock(p, i);
}

/* What no file may hold, wherever it stands. */
static gw_rc
check_control(const gw_units_params *p, gw_err *e)
{
    for (size_t i = 0; i < p->stmts->len; i++) {
        const gw_class_kind kind = p->classes[i].kind;
        if (is_two_phase(p, i))
            return complain(p, i, &two_phase, e);
        if (kind == GW_CLASS_ROLLBACK)
            return complain(p, i, &rolls_back, e);
        if (kind == GW_CLASS_COMMIT && is_chained(p, i))
            return complain(p, i, &chained, e);
    }
    return GODWIT_OK;
}

/* ---- does the transaction mode suit the statements? ---- */

/* With `tx file`: SQLite's PRAGMAs between two statements that belong together. */
static gw_rc
check_undivided(const gw_units_params *p, gw_err *e)
{
    size_t divider = nothing;
    bool saw_work = false;
    for (size_t i = 0; i < p->stmts->len; i++) {
        if (p->classes[i].no_effect_inside)
            divider = saw_work && divider == nothing ? i : divider;
        else if (p->classes[i].kind != GW_CLASS_SESSION && divider != nothing)
            return complain(p, divider, &divides, e);
        else
            saw_work |= p->classes[i].kind != GW_CLASS_SESSION;
    }
    return GODWIT_OK;
}

/* Statements that cannot run in a transaction, beside others; *is_apart when there are such and nothing but SET beside
 * them. */
static gw_rc
check_mode(const gw_units_params *p, bool *is_apart, gw_err *e)
{
    size_t first = nothing; /* that cannot run in a transaction */
    bool has_control = false;
    bool has_others = false;
    for (size_t i = 0; i < p->stmts->len; i++) {
        const gw_class *const c = &p->classes[i];
        if (c->no_transaction)
            first = first == nothing ? i : first;
        else if (c->kind == GW_CLASS_BEGIN || c->kind == GW_CLASS_COMMIT)
            has_control = true;
        else if (c->kind != GW_CLASS_SESSION)
            has_others = true;
    }
    if (p->tx == GW_TX_FILE && !has_control)
        GW_TRY(check_undivided(p, e));
    *is_apart = first != nothing && !has_control && !has_others;
    if (first == nothing || p->tx == GW_TX_NONE)
        return GODWIT_OK;
    if (p->tx == GW_TX_FILE)
        return complain(p, first, &against_file, e);
    if (!has_control && has_others)
        return complain(p, first, &mixed, e);
    return GODWIT_OK;
}

/* ---- building ---- */

static void
add_transaction(builder *b, size_t first, size_t end, size_t own_commit)
{
    *gw_vec_push(b->a, b->out) = (gw_unit){.first = first,
                                           .count = end - first,
                                           .transaction = true,
                                           .own_begin = first == b->begin ? first : nothing,
                                           .own_commit = own_commit};
}

static void
add_alone(builder *b, size_t first, size_t end)
{
    *gw_vec_push(b->a, b->out) =
        (gw_unit){.first = first, .count = end - first, .own_begin = nothing, .own_commit = nothing};
}

/* End the run before `end`. */
static void
flush(builder *b, size_t end)
{
    size_t first = b->run;
    b->run = nothing;
    if (first == nothing)
        return;
    size_t last = end;
    if (is_mysql(b->p)) { /* SET at either end: some are refused in a transaction */
        while (last > first && b->p->classes[last - 1].kind == GW_CLASS_SESSION)
            last--;
        for (; first < last && b->p->classes[first].kind == GW_CLASS_SESSION; first++)
            add_alone(b, first, first + 1);
    }
    if (first < last)
        add_transaction(b, first, last, nothing);
    for (; last < end; last++)
        add_alone(b, last, last + 1);
}

/* A statement within the file's own BEGIN … COMMIT; b->run is where the part since then begins. */
static gw_rc
build_inside(builder *b, size_t i, gw_err *e)
{
    const gw_class *const c = &b->p->classes[i];
    if (c->kind == GW_CLASS_BEGIN)
        return complain(b->p, i, &nested, e);
    if (c->no_transaction)
        return complain(b->p, i, &inside_own, e);
    if (takes_locks(b->p, i))
        return complain(b->p, i, &locked_inside, e);
    if (c->kind == GW_CLASS_COMMIT) {
        add_transaction(b, b->run, i + 1, i);
        b->begin = b->run = nothing;
    } else if (c->commits) {
        if (b->run < i)
            add_transaction(b, b->run, i, nothing);
        add_alone(b, i, i + 1);
        b->run = i + 1;
    }
    return GODWIT_OK;
}

static gw_rc
build_control(builder *b, size_t i, gw_err *e)
{
    const bool is_first = !b->saw_control;
    b->saw_control = true;
    if (b->p->classes[i].kind == GW_CLASS_BEGIN) {
        flush(b, i);
        b->begin = b->run = i;
        return GODWIT_OK;
    }
    if (!is_first)
        return complain(b->p, i, &never_begun, e);
    b->ends_for_tool = true;
    add_transaction(b, b->run == nothing ? i : b->run, i + 1, i);
    b->run = nothing;
    return GODWIT_OK;
}

/* LOCK TABLES, or a FLUSH that locks, at *i; *i becomes its UNLOCK TABLES. */
static gw_rc
build_locked(builder *b, size_t *i, gw_err *e)
{
    size_t end = *i + 1;
    const complaint *const unlocked = is_flush_lock(b->p, *i) ? &never_unflushed : &never_unlocked;
    while (end < b->p->stmts->len && !is_table_lock(b->p, end, "unlock"))
        if (b->p->classes[end++].kind == GW_CLASS_BEGIN) /* it would end the lock */
            return complain(b->p, *i, unlocked, e);
    if (end == b->p->stmts->len)
        return complain(b->p, *i, unlocked, e);
    flush(b, *i);
    add_alone(b, *i, end + 1);
    *i = end;
    return GODWIT_OK;
}

/* DDL that PostgreSQL may refuse in a transaction, by its version or by what it is about: partitioned tables, enums
 * before 12, TimescaleDB's materialized views. NONE: any object. */
static const struct {
    const char *verb;
    gw_object_kind object;
} fussy[] = {
    {"REINDEX", GW_OBJECT_NONE},    {"ALTER", GW_OBJECT_TYPE},          {"CREATE", GW_OBJECT_MATVIEW},
    {"REFRESH", GW_OBJECT_MATVIEW}, {"CREATE", GW_OBJECT_SUBSCRIPTION}, {"ALTER", GW_OBJECT_SUBSCRIPTION},
};

static bool
is_fussy(const gw_class *c)
{
    for (size_t i = 0; i < sizeof(fussy) / sizeof(fussy[0]); i++)
        if (gw_str_is_nocase(c->verb, fussy[i].verb) &&
            (fussy[i].object == GW_OBJECT_NONE || fussy[i].object == c->object))
            return true;
    return false;
}

/* With `tx none`: can it be kept together with its progress mark? */
static bool
can_be_marked(const builder *b, const gw_class *c)
{
    if (c->kind != GW_CLASS_DDL)
        return c->kind == GW_CLASS_DML || c->kind == GW_CLASS_QUERY;
    return !is_mysql(b->p) && (b->p->dialect.kind == GW_DIALECT_SQLITE || !is_fussy(c));
}

/* A MySQL procedure, a text that was prepared, a block of MariaDB's: each may hold what commits or rolls back, so
 * nothing else may hang on the transaction around it, unless the file asks for one. SET: STATEMENT … FOR one of them.
 * */
static bool
may_commit(const gw_units_params *p, size_t i)
{
    static const char *const verbs[] = {"CALL", "EXECUTE", "BEGIN", "IF",     "CASE",
                                        "LOOP", "WHILE",   "FOR",   "REPEAT", "SET"};
    if (!is_mysql(p) || p->tx == GW_TX_FILE || p->classes[i].kind != GW_CLASS_OTHER)
        return false;
    for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++)
        if (gw_str_is_nocase(p->classes[i].verb, verbs[v]))
            return true;
    gw_lexer l = words_of(p, i);
    (void)gw_lex_solid(&l);
    return gw_str_starts(gw_lex_solid(&l).text, ":"); /* a block's label */
}

static gw_rc
build_outside(builder *b, size_t i, gw_err *e)
{
    const gw_class *const c = &b->p->classes[i];
    const bool enters = may_commit(b->p, i);
    const bool is_alone = c->no_transaction || c->commits || c->no_effect_inside || b->is_apart;
    if (!is_alone && !enters && b->p->tx != GW_TX_NONE) {
        b->run = b->run == nothing ? i : b->run;
        return GODWIT_OK;
    }
    if (c->kind == GW_CLASS_SAVEPOINT)
        return complain(b->p, i, &no_savepoint, e);
    flush(b, i);
    if (is_alone || !(enters || can_be_marked(b, c))) {
        add_alone(b, i, i + 1);
        return GODWIT_OK;
    }
    add_transaction(b, i, i + 1, nothing);
    b->out->at[b->out->len - 1].enters = enters;
    return GODWIT_OK;
}

static gw_rc
build_end(builder *b, gw_err *e)
{
    const size_t end = b->p->stmts->len;
    if (b->begin == nothing) {
        flush(b, end);
        return GODWIT_OK;
    }
    if (!b->ends_for_tool)
        return complain(b->p, b->begin, &never_ended, e);
    if (b->run < end)
        add_transaction(b, b->run, end, nothing);
    return GODWIT_OK;
}

gw_rc
gw_units_build(gw_arena *a, const gw_units_params *p, gw_units *out, gw_err *e)
{
    builder b = {.a = a, .p = p, .out = out, .begin = nothing, .run = nothing};
    *out = (gw_units){0};
    GW_TRY(check_control(p, e));
    GW_TRY(check_mode(p, &b.is_apart, e));
    for (size_t i = 0; i < p->stmts->len; i++) {
        const gw_class_kind kind = p->classes[i].kind;
        if (b.begin != nothing)
            GW_TRY(build_inside(&b, i, e));
        else if (kind == GW_CLASS_BEGIN || kind == GW_CLASS_COMMIT)
            GW_TRY(build_control(&b, i, e));
        else if (takes_locks(p, i))
            GW_TRY(build_locked(&b, &i, e));
        else
            GW_TRY(build_outside(&b, i, e));
    }
    return build_end(&b, e);
}
