#include "migration/marks.h"

#include <string.h>

/* ---- lines ---- */

typedef struct line {
    gw_str text;     /* without its end */
    size_t from, to; /* in the whole text, its end included */
} line;

/* The line that begins at l->to; false at the end of the text. */
static bool
next_line(gw_str text, line *l)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (l->to >= text.len)
        return false;
    const char *const end = memchr(text.ptr + l->to, '\n', text.len - l->to);
    l->from = l->to;
    l->to = end == NULL ? text.len : (size_t)(end - text.ptr) + 1;
    l->text = gw_str_slice(text, l->from, end == NULL ? l->to : l->to - 1);
    if (gw_str_ends(l->text, "\r"))
        l->text.len--;
    if (l->from == 0 && gw_str_starts(l->text, mark))
        l->text = gw_str_slice(l->text, strlen(mark), l->text.len);
    return true;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static gw_str
without_blanks(gw_str s)
{
    size_t at = 0;
    while (at < s.len && is_blank(s.ptr[at]))
        at++;
    return gw_str_slice(s, at, s.len);
}

static bool
starts(gw_str s, const char *with, bool any_case)
{
    const size_t len = strlen(with);
    const gw_str begin = gw_str_slice(s, 0, s.len < len ? s.len : len);
    return any_case ? gw_str_is_nocase(begin, with) : gw_str_is(begin, with);
}

/* Take the prefix off: its dashes, and what follows them. */
static bool
take_prefix(const gw_marking *m, gw_str *s)
{
    enum { DASHES = 2 };
    if (!gw_str_starts(*s, "--"))
        return false;
    gw_str rest = gw_str_slice(*s, DASHES, s->len);
    const char *prefix = m->prefix + DASHES;
    if (m->any_blanks) {
        rest = without_blanks(rest);
        prefix += strspn(prefix, " ");
    }
    if (!starts(rest, prefix, m->any_case))
        return false;
    *s = gw_str_slice(rest, strlen(prefix), rest.len);
    return true;
}

bool
gw_marks_read(const gw_marking *m, gw_str text, gw_mark *out)
{
    gw_str rest = text;
    *out = (gw_mark){.kind = GW_MARK_UNKNOWN};
    if (!take_prefix(m, &rest))
        return false;
    for (const gw_mark_words *w = m->words; w->words != NULL; w++) {
        const size_t len = strlen(w->words);
        if (!starts(rest, w->words, m->any_case) || (rest.len > len && !is_blank(rest.ptr[len])))
            continue;
        *out = (gw_mark){w->kind, gw_str_trim(gw_str_slice(rest, len, rest.len))};
        break;
    }
    return true;
}

const char *
gw_marks_claims(gw_arena *a, const gw_layout *l, const gw_tree *t)
{
    const gw_marking *const m = l->marking;
    (void)a;
    for (size_t i = 0; i < t->heads.len; i++) {
        gw_mark mark;
        line one = {0};
        if (l->read(gw_str_of(t->heads.at[i].name)).kind != GW_NAME_UP)
            continue;
        while (next_line(t->heads.at[i].text, &one))
            if (m->read(m, one.text, &mark) && (mark.kind == GW_MARK_UP || mark.kind == GW_MARK_DOWN))
                return t->heads.at[i].name;
    }
    return NULL;
}

/* ---- a frame ---- */

typedef struct framing {
    gw_arena *arena;
    const gw_marking *m;
    const gw_frame_params *p;
    gw_frame *out;
    gw_spans kept;
    gw_spans sections; /* of the way that is wanted */
    bool is_wanted;    /* what is being read is run */
    bool is_down;      /* it is of the way down */
    bool is_open;      /* a statement began that is not ended */
    bool is_expanding; /* ${NAME} is that of the environment from here on */
    size_t ups, downs; /* sections so far */
    size_t unsaid;     /* of those that are wanted: without the word for no transaction */
    size_t from;       /* of the stretch that is being read */
    size_t opened;     /* where the statement, and the expanding, began */
    size_t expands_from;
    size_t solid;       /* the first line above all marks that is no comment; SIZE_MAX: there is none */
    bool is_in_comment; /* of several lines, above all marks */
} framing;

static gw_rc
fail_at(const framing *f, size_t offset, gw_err *e)
{
    return gw_err_at(e, f->p->path, f->p->text, offset);
}

static gw_rc
fail_mark(const framing *f, const line *l, const char *why, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "`%.*s` %s", GW_STR_ARG(gw_str_trim(l->text)), why);
    return fail_at(f, l->from, e);
}

static gw_rc
fail_missing(const framing *f, const char *mark, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the line `%s` is missing", mark);
    (void)fail_at(f, f->solid == SIZE_MAX ? 0 : f->solid, e);
    return gw_err_hint(e, "the layout of the folder is %s: each of its files has that line", f->m->tool);
}

static bool
is_begun(const framing *f)
{
    return f->m->implies_up || f->ups + f->downs > 0;
}

/* Above all marks there are comments only. */
static void
look_above(framing *f, const line *l)
{
    const gw_str text = gw_str_trim(l->text);
    const bool opens = gw_str_starts(text, "/*");
    const bool is_comment = f->is_in_comment || opens || text.len == 0 || gw_str_starts(text, "--");
    if (f->is_in_comment || opens)
        f->is_in_comment = memmem(text.ptr, text.len, "*/", 2) == NULL;
    if (!is_comment && f->solid == SIZE_MAX)
        f->solid = l->from;
}

/* What was read since the last mark. */
static void
end_stretch(framing *f, size_t to)
{
    if (f->is_wanted && to > f->from)
        *gw_vec_push(f->arena, &f->kept) = (gw_span){f->from, to};
}

static void
end_section(framing *f, size_t to)
{
    if (f->is_wanted && f->sections.len > 0)
        f->sections.at[f->sections.len - 1].to = to;
}

/* Every option is known; *no_tx: one says that there is to be no transaction. */
static gw_rc
read_options(const framing *f, gw_str options, bool *no_tx, gw_err *e)
{
    *no_tx = false;
    while (options.len > 0) {
        size_t len = 0;
        while (len < options.len && !is_blank(options.ptr[len]))
            len++;
        const gw_str word = gw_str_slice(options, 0, len);
        options = without_blanks(gw_str_slice(options, len, options.len));
        if (f->m->no_tx != NULL && gw_str_is(word, f->m->no_tx)) {
            *no_tx = true;
            continue;
        }
        if (f->m->tx != NULL && gw_str_is(word, f->m->tx))
            continue;
        (void)gw_fail(e, GODWIT_FOLDER, "'%.*s' is no option of this line", GW_STR_ARG(word));
        (void)fail_at(f, (size_t)(word.ptr - f->p->text.ptr), e);
        if (f->m->no_tx == NULL)
            return gw_err_hint(e, "nothing may follow");
        return gw_err_hint(e, "the one option is %s", f->m->no_tx);
    }
    return GODWIT_OK;
}

static gw_rc
check_place(const framing *f, const line *l, bool is_down, gw_err *e)
{
    if (f->solid != SIZE_MAX && !is_begun(f)) {
        (void)gw_fail(e, GODWIT_FOLDER, "this stands above `%s`, and belongs to neither way", f->m->up);
        (void)fail_at(f, f->solid, e);
        return gw_err_hint(e, "put it below the line, or remove it");
    }
    if (f->is_open)
        return fail_mark(f, l, "comes within a statement that was begun and is not ended", e);
    if (is_down && f->ups == 0 && f->m->up_first && !f->m->implies_up)
        return fail_mark(f, l, "comes before the way up", e);
    if (f->m->is_twofold && (is_down ? f->downs : f->ups) > 0)
        return fail_mark(f, l, "comes a second time", e);
    return GODWIT_OK;
}

static gw_rc
begin_section(framing *f, const line *l, const gw_mark *mark, gw_err *e)
{
    bool no_tx;
    const bool is_down = mark->kind == GW_MARK_DOWN;
    GW_TRY(check_place(f, l, is_down, e));
    GW_TRY(read_options(f, mark->options, &no_tx, e));
    end_section(f, l->from);
    *(is_down ? &f->downs : &f->ups) += 1;
    f->is_down = is_down;
    f->is_wanted = is_down == f->p->down;
    if (!f->is_wanted)
        return GODWIT_OK;
    *gw_vec_push(f->arena, &f->sections) = (gw_span){l->to, f->p->text.len};
    if (f->m->is_uniform && f->sections.len > 1 && no_tx != (f->unsaid == 0))
        return fail_mark(f, l, "says something else of its transaction than the one above, and both run as one", e);
    f->unsaid += !no_tx;
    f->out->tx = no_tx ? GW_TX_NONE : f->out->tx;
    return GODWIT_OK;
}

static gw_rc
begin_statement(framing *f, const line *l, gw_err *e)
{
    if (!is_begun(f))
        return fail_mark(f, l, "comes before either way", e);
    if (f->is_open)
        return fail_mark(f, l, "comes within another", e);
    f->is_open = true;
    f->opened = l->to;
    return GODWIT_OK;
}

static gw_rc
end_statement(framing *f, const line *l, gw_err *e)
{
    if (!f->is_open)
        return fail_mark(f, l, "ends a statement that was not begun", e);
    f->is_open = false;
    if (f->is_wanted)
        *gw_vec_push(f->arena, &f->out->blocks) = (gw_span){f->opened, l->from};
    return GODWIT_OK;
}

static void
end_expanding(framing *f, size_t to)
{
    if (f->is_expanding && to > f->expands_from)
        *gw_vec_push(f->arena, &f->out->expands) = (gw_span){f->expands_from, to};
    f->is_expanding = false;
}

static gw_rc
take_mark(framing *f, const line *l, const gw_mark *mark, gw_err *e)
{
    end_stretch(f, l->from);
    f->from = l->to;
    if (mark->kind == GW_MARK_UNKNOWN) {
        (void)fail_mark(f, l, "is not known", e);
        return gw_err_hint(e, "%s does not know it either", f->m->tool);
    }
    if (mark->kind == GW_MARK_UP || mark->kind == GW_MARK_DOWN)
        return begin_section(f, l, mark, e);
    if (mark->options.len > 0)
        return fail_mark(f, l, "is not known: something follows its words", e);
    if (mark->kind == GW_MARK_BEGIN)
        return begin_statement(f, l, e);
    if (mark->kind == GW_MARK_END)
        return end_statement(f, l, e);
    if (mark->kind == GW_MARK_NO_TX) {
        if (!f->m->no_tx_by_way || f->is_wanted)
            f->out->tx = GW_TX_NONE;
        return GODWIT_OK;
    }
    end_expanding(f, l->from);
    f->is_expanding = mark->kind == GW_MARK_EXPAND;
    f->expands_from = l->to;
    return GODWIT_OK;
}

/* Are all ways there that must be? */
static gw_rc
check_ways(const framing *f, gw_err *e)
{
    if (!is_begun(f))
        return f->m->may_lack ? GODWIT_OK : fail_missing(f, f->m->up, e);
    if (f->ups == 0 && f->m->needs_up)
        return fail_missing(f, f->m->up, e);
    return f->downs == 0 && f->m->needs_down ? fail_missing(f, f->m->down, e) : GODWIT_OK;
}

static gw_rc
finish(framing *f, gw_err *e)
{
    const size_t end = f->p->text.len;
    if (f->is_open) {
        (void)gw_fail(e, GODWIT_FOLDER, "the statement that begins here is not ended");
        return fail_at(f, f->opened, e);
    }
    GW_TRY(check_ways(f, e));
    end_stretch(f, end);
    end_section(f, end);
    end_expanding(f, end);
    for (size_t i = f->sections.len; f->p->down && f->m->reverses && f->sections.len > 1 && i-- > 0;)
        *gw_vec_push(f->arena, &f->out->turns) = f->sections.at[i];
    f->out->is_there = !f->p->down || f->downs > 0;
    f->out->is_part = true;
    f->out->text = gw_frame_mask(f->arena, f->p->text, &f->kept);
    return GODWIT_OK;
}

gw_rc
gw_marks_frame(gw_arena *a, const gw_marking *m, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    framing f = {.arena = a, .m = m, .p = p, .out = out, .solid = SIZE_MAX, .is_wanted = !m->implies_up || !p->down};
    line l = {0};
    gw_mark mark;
    *out = (gw_frame){0};
    while (next_line(p->text, &l)) {
        if (m->read(m, l.text, &mark))
            GW_TRY(take_mark(&f, &l, &mark, e));
        else if (!is_begun(&f))
            look_above(&f, &l);
    }
    return finish(&f, e);
}

/* ---- what `new` writes ---- */

static void
add_mark(gw_buf *text, const gw_marking *m, const char *mark, gw_tx_mode tx)
{
    const bool is_said = tx == GW_TX_NONE && m->no_tx != NULL;
    gw_buf_printf(text, "%s%s%s\n", mark, is_said ? " " : "", is_said ? m->no_tx : "");
}

static void
add_way(gw_buf *text, const gw_marking *m, gw_str way, gw_tx_mode tx)
{
    if (tx == GW_TX_NONE && m->no_tx_by_way)
        gw_buf_printf(text, "%s\n", m->no_tx_line);
    gw_buf_add(text, way.ptr == NULL ? (gw_str){"", 0} : way);
    if (text->len > 0 && text->ptr[text->len - 1] != '\n')
        gw_buf_putc(text, '\n');
}

gw_rc
gw_marks_make(gw_arena *a, const gw_layout *l, const gw_layout_new *p, gw_layout_files *out, gw_err *e)
{
    const gw_marking *const m = l->marking;
    gw_buf text = gw_buf_new(a);
    (void)e;
    if (m->no_tx_line != NULL && !m->no_tx_by_way && p->tx[GW_WAY_UP] == GW_TX_NONE)
        gw_buf_printf(&text, "%s\n", m->no_tx_line);
    if (!m->implies_up)
        add_mark(&text, m, m->up, p->tx[GW_WAY_UP]);
    add_way(&text, m, p->up, p->tx[GW_WAY_UP]);
    if (p->down.ptr != NULL || m->needs_down) {
        if (p->tree == NULL)
            gw_buf_putc(&text, '\n');
        add_mark(&text, m, m->down, p->tx[GW_WAY_DOWN]);
        add_way(&text, m, p->down, p->tx[GW_WAY_DOWN]);
    }
    const char *const file = l->make_name(a, p->version, p->name, false);
    *gw_vec_push(a, out) = (gw_layout_file){file, gw_buf_str(&text), false, GW_WAY_UP};
    if (p->verify.ptr != NULL) /* godwit's own */
        *gw_vec_push(a, out) =
            (gw_layout_file){gw_printf(a, "%.*s.verify.sql", (int)(strlen(file) - strlen(".sql")), file), p->verify,
                             false, GW_WAY_VERIFY};
    return GODWIT_OK;
}
