#include "sql/shape.h"

typedef enum step {
    START,
    PLAIN,
    BODY,
    POSTGRES_CREATE,
    POSTGRES_ROUTINE, /* up to BEGIN ATOMIC, if there is one */
    COPY,
    MYSQL_BEGIN,
    MYSQL_LABEL,
    MYSQL_CREATE,
    MYSQL_PARAMETERS, /* up to the end of the list */
    MYSQL_HEADER,     /* up to the first word of the body */
    MYSQL_TRIGGER,    /* up to EACH ROW */
    MYSQL_EVENT,      /* up to DO */
    SQLITE_CREATE,
    SQLITE_TRIGGER, /* up to the name of the table */
    SQLITE_HEADER   /* up to BEGIN */
} step;

static bool
begins_compound(gw_word word)
{
    return word == GW_WORD_BEGIN || word == GW_WORD_IF || word == GW_WORD_CASE || word == GW_WORD_LOOP ||
           word == GW_WORD_WHILE || word == GW_WORD_REPEAT || word == GW_WORD_FOR;
}

/* The body begins with this token. */
static step
begin_body(gw_arena *a, gw_shape *s, const gw_cue *cue)
{
    gw_blocks_start(&s->blocks, s->dialect == GW_DIALECT_MYSQL);
    gw_blocks_feed(a, &s->blocks, cue);
    return BODY;
}

/* The body began with the token before, a BEGIN. */
static step
begin_at_previous(gw_arena *a, gw_shape *s)
{
    const gw_cue begin = {.kind = GW_TOKEN_WORD, .word = GW_WORD_BEGIN, .offset = s->previous_offset};
    return begin_body(a, s, &begin);
}

static step
at_start(gw_arena *a, gw_shape *s, const gw_cue *cue)
{
    static const uint8_t create[] = {[GW_DIALECT_POSTGRES] = POSTGRES_CREATE,
                                     [GW_DIALECT_MYSQL] = MYSQL_CREATE,
                                     [GW_DIALECT_SQLITE] = SQLITE_CREATE};
    if (cue->word == GW_WORD_CREATE)
        return (step)create[s->dialect];
    if (s->dialect == GW_DIALECT_POSTGRES)
        return cue->word == GW_WORD_COPY ? COPY : PLAIN;
    if (s->dialect == GW_DIALECT_SQLITE)
        return cue->word == GW_WORD_EXPLAIN ? START : PLAIN;
    if (cue->word == GW_WORD_ALTER)
        return MYSQL_CREATE;
    if (cue->word == GW_WORD_BEGIN)
        return MYSQL_BEGIN;
    if (begins_compound(cue->word)) /* MariaDB runs these outside routines too */
        return begin_body(a, s, cue);
    return cue->word == GW_WORD_NAME ? MYSQL_LABEL : PLAIN;
}

static step
in_postgres_create(gw_shape *s, const gw_cue *cue)
{
    s->has_list = cue->word == GW_WORD_RULE;
    if (cue->word == GW_WORD_FUNCTION || cue->word == GW_WORD_PROCEDURE)
        return POSTGRES_ROUTINE;
    return cue->word == GW_WORD_OR || cue->word == GW_WORD_REPLACE ? POSTGRES_CREATE : PLAIN;
}

static step
in_postgres_routine(gw_arena *a, gw_shape *s, const gw_cue *cue)
{
    if (cue->word != GW_WORD_ATOMIC || cue->previous != GW_WORD_BEGIN || cue->depth > 0)
        return POSTGRES_ROUTINE;
    return begin_at_previous(a, s);
}

static step
in_copy(gw_shape *s, const gw_cue *cue)
{
    if (cue->word != GW_WORD_STDIN || cue->previous != GW_WORD_FROM || cue->depth > 0)
        return COPY;
    s->has_data = true;
    return PLAIN;
}

/* BEGIN [WORK] is a transaction, BEGIN NOT ATOMIC a block; so is what follows a label. */
static step
after_mysql_begin(gw_arena *a, gw_shape *s, const gw_cue *cue)
{
    if (cue->word != GW_WORD_NOT)
        return PLAIN;
    return begin_at_previous(a, s);
}

static step
after_mysql_label(gw_shape *s, const gw_cue *cue)
{
    if (cue->first != ':')
        return PLAIN;
    gw_blocks_start(&s->blocks, true);
    return BODY;
}

/* OR REPLACE, DEFINER = user, AGGREGATE may stand before the kind of object; a user may be called anything. */
static step
in_mysql_create(const gw_cue *cue, char last)
{
    if (cue->kind != GW_TOKEN_WORD || last == '=')
        return MYSQL_CREATE;
    switch ((int)cue->word) {
    case GW_WORD_PROCEDURE:
    case GW_WORD_FUNCTION:
        return MYSQL_PARAMETERS;
    case GW_WORD_TRIGGER:
        return MYSQL_TRIGGER;
    case GW_WORD_EVENT:
        return MYSQL_EVENT;
    case GW_WORD_OR:
    case GW_WORD_REPLACE:
    case GW_WORD_DEFINER:
    case GW_WORD_AGGREGATE:
        return MYSQL_CREATE;
    default:
        return PLAIN;
    }
}

/*
 * The body begins with a block or a plain statement; what is neither is a characteristic, a type or a label. CHARACTER SET
 * and RETURNS SET(…) are types; names follow FOLLOWS and PRECEDES.
 */
static step
in_mysql_header(gw_arena *a, gw_shape *s, const gw_cue *cue)
{
    const bool skip = s->skip;
    s->skip = cue->word == GW_WORD_RETURNS || cue->word == GW_WORD_CHARACTER || cue->word == GW_WORD_PRECEDES;
    if (skip || cue->depth > 0)
        return MYSQL_HEADER;
    if (begins_compound(cue->word))
        return begin_body(a, s, cue);
    return gw_word_is_verb(cue->word) ? PLAIN : MYSQL_HEADER;
}

static step
in_mysql_event(gw_shape *s, const gw_cue *cue)
{
    if (cue->word != GW_WORD_DO || cue->depth > 0)
        return MYSQL_EVENT;
    gw_blocks_start(&s->blocks, true);
    return BODY;
}

static step
in_sqlite_create(const gw_cue *cue)
{
    if (cue->word == GW_WORD_TRIGGER)
        return SQLITE_TRIGGER;
    return cue->word == GW_WORD_TEMPORARY ? SQLITE_CREATE : PLAIN;
}

/* BEGIN is no reserved word of SQLite: the table may be called so, and the condition may name such a column. */
static step
in_sqlite_header(gw_arena *a, gw_shape *s, const gw_cue *cue)
{
    if (cue->word != GW_WORD_BEGIN || cue->depth > 0 || !cue->operand)
        return SQLITE_HEADER;
    return begin_body(a, s, cue);
}

static step
next_step(gw_arena *a, gw_shape *s, const gw_cue *cue)
{
    switch ((step)s->step) { /* uncovered: a step that is none of these */
    case START:
        return at_start(a, s, cue);
    case PLAIN: /* uncovered: it is not fed */
        break;  /* uncovered: it is not fed */
    case BODY:
        gw_blocks_feed(a, &s->blocks, cue);
        return BODY;
    case POSTGRES_CREATE:
        return in_postgres_create(s, cue);
    case POSTGRES_ROUTINE:
        return in_postgres_routine(a, s, cue);
    case COPY:
        return in_copy(s, cue);
    case MYSQL_BEGIN:
        return after_mysql_begin(a, s, cue);
    case MYSQL_LABEL:
        return after_mysql_label(s, cue);
    case MYSQL_CREATE:
        return in_mysql_create(cue, s->last);
    case MYSQL_PARAMETERS:
        return cue->kind == GW_TOKEN_CLOSE && cue->depth == 0 ? MYSQL_HEADER : MYSQL_PARAMETERS;
    case MYSQL_HEADER:
        return in_mysql_header(a, s, cue);
    case MYSQL_TRIGGER:
        return cue->word == GW_WORD_ROW && cue->previous == GW_WORD_EACH ? MYSQL_HEADER : MYSQL_TRIGGER;
    case MYSQL_EVENT:
        return in_mysql_event(s, cue);
    case SQLITE_CREATE:
        return in_sqlite_create(cue);
    case SQLITE_TRIGGER:
        return cue->word == GW_WORD_ON ? SQLITE_HEADER : SQLITE_TRIGGER;
    case SQLITE_HEADER:
        return in_sqlite_header(a, s, cue);
    }
    return PLAIN; /* uncovered: it is not fed */
}

void
gw_shape_start(gw_shape *s, gw_dialect_kind dialect)
{
    s->dialect = dialect;
    s->step = START;
    s->plain = s->simple = s->has_list = s->has_data = s->operand = s->dot = s->skip = false;
    s->previous = GW_WORD_NAME;
    s->last = '\0';
    gw_blocks_start(&s->blocks, dialect == GW_DIALECT_MYSQL);
}

void
gw_shape_feed(gw_arena *a, gw_shape *s, gw_token t, uint32_t offset, uint32_t depth)
{
    const bool word = t.kind == GW_TOKEN_WORD && !s->dot;
    const gw_cue cue = {.kind = t.kind,
                        .first = t.text.ptr[0],
                        .word = word ? gw_word_of(t.text) : GW_WORD_NAME,
                        .previous = s->previous,
                        .operand = s->operand,
                        .offset = offset,
                        .depth = depth};
    const bool first = s->step == START;
    s->step = (uint8_t)next_step(a, s, &cue);
    s->plain = s->step == PLAIN;
    s->simple = first && s->plain;
    s->previous = cue.word;
    s->previous_offset = offset;
    s->last = cue.first;
    s->dot = t.kind == GW_TOKEN_OPERATOR && cue.first == '.';
    s->operand =
        t.kind == GW_TOKEN_OPERATOR ? cue.first == ']' : t.kind != GW_TOKEN_OPEN && !gw_word_wants_operand(cue.word);
}

const gw_block *
gw_shape_open_block(gw_shape *s)
{
    const gw_block *const open = gw_blocks_statement_end(&s->blocks);
    s->previous = GW_WORD_NAME;
    s->operand = s->dot = false;
    return open;
}
