#include "migration/squash.h"

#include <assert.h>
#include <string.h>

#include "migration/leak.h"
#include "migration/phase_words.h"
#include "migration/rewrite.h"

static const char mark[] = "squashed: ";

static bool
is_checkpoint(const gw_squash_params *p)
{
    return p->made->kind == GW_FILE_CHECKPOINT;
}

/* ---- refusals ---- */

static gw_rc
refuse_at(const gw_joint_part *part, size_t offset, gw_err *e)
{
    const gw_script *const s = &part->script;
    return gw_expanded_at(e, s->path, s->expanded, s->text, offset);
}

/* Where the file says it; what a file beside it says has no place in it. */
static size_t
place_of(const gw_joint_part *part, const char *directive)
{
    const gw_str text = part->script.text;
    const char *const hit = text.len == 0 ? NULL : memmem(text.ptr, text.len, directive, strlen(directive));
    const size_t first = part->script.stmts.len > 0 ? part->script.stmts.at[0].offset : text.len;
    const size_t at = hit == NULL ? first : (size_t)(hit - text.ptr);
    return at < first ? at : first;
}

/* What to do about it. */
static const char *
apart(const gw_squash_params *p)
{
    return is_checkpoint(p)
               ? "write the checkpoint by hand: a new migration that says `-- godwit:checkpoint`, and holds the schema"
               : "squash what comes before it, and what comes behind it, by themselves: `godwit squash FROM TO`";
}

/* Of two that do not say the same, the one that says something is shown. */
static gw_rc
refuse_different(const gw_squash_params *p, const gw_joint_part *other, bool is_first, const char *directive, gw_err *e)
{
    const gw_joint_part *const first = &p->parts->at[0];
    const gw_joint_part *const says = is_first ? first : other;
    (void)gw_fail(e, GODWIT_REFUSED, "%s and %s cannot be one file: they do not say the same %s", first->file,
                  other->file, directive);
    (void)refuse_at(says, place_of(says, directive), e);
    return gw_err_hint(e, "%s", apart(p));
}

/* ---- what the files say ---- */

static gw_rc
check_assertions(const gw_joint_part *first, const gw_joint_part *other, gw_err *e)
{
    const gw_assertions *const all = &other->script.file_rules.assertions;
    if (all->len == 0)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_REFUSED, "%s asserts something before it begins, which is after %s", other->file,
                  first->file);
    (void)refuse_at(other, place_of(other, "assert"), e);
    return gw_err_hint(e, "leave it a file of its own, or take the assertion out where it has done its work");
}

/* A lock time-out that the new file has of its first part cannot be taken back above a statement. */
static gw_rc
check_lock_timeout(const gw_squash_params *p, const gw_joint_part *other, gw_err *e)
{
    const int64_t head = p->parts->at[0].script.file_rules.lock_timeout_ms;
    for (size_t i = 0; head != 0 && i < other->script.stmts.len; i++)
        if (other->script.rules[i].lock_timeout_ms == 0)
            return refuse_different(p, other, true, "lock-timeout", e);
    return GODWIT_OK;
}

static gw_rc
check_said(const gw_squash_params *p, const gw_joint_part *other, gw_err *e)
{
    const gw_joint_part *const first = &p->parts->at[0];
    const gw_directives *const x = &first->script.file_rules;
    const gw_directives *const y = &other->script.file_rules;
    if (!gw_strs_eq(&x->skip_on, &y->skip_on))
        return refuse_different(p, other, x->skip_on.len > 0, "skip-on", e);
    if (!gw_strs_eq(&x->only_on, &y->only_on))
        return refuse_different(p, other, x->only_on.len > 0, "only-on", e);
    if ((x->timeout_ms == 0) != (y->timeout_ms == 0))
        return refuse_different(p, other, x->timeout_ms != 0, "timeout", e);
    GW_TRY(check_lock_timeout(p, other, e));
    return check_assertions(first, other, e);
}

/* ---- two phases of a deploy ---- */

typedef struct living {
    gw_shims shims, drops;     /* drops: of what others made */
    gw_vec(const char *) made; /* one a shim: the file that makes it */
} living;

/* The newest of that name; SIZE_MAX: none. */
static size_t
find_shim(const gw_shims *shims, const gw_shim *of)
{
    size_t i = shims->len;
    while (i > 0 && !gw_shim_names(of, shims->at[i - 1].schema, shims->at[i - 1].last))
        i--;
    return i == 0 ? SIZE_MAX : i - 1;
}

static void
remove_shim(living *all, size_t at)
{
    assert(at < all->shims.len && all->shims.at != NULL && all->made.at != NULL);
    for (size_t i = at + 1; i < all->shims.len; i++) {
        all->shims.at[i - 1] = all->shims.at[i];
        all->made.at[i - 1] = all->made.at[i];
    }
    all->shims.len--;
    all->made.len--;
}

static gw_str
source_of(const gw_joint_part *part)
{
    return part->script.expanded == NULL ? part->script.text : part->script.expanded->source;
}

static gw_rc
refuse_pair(const gw_squash_params *p, const char *by, const gw_joint_part *part, const gw_phase_words *words,
            const gw_shim *drop, gw_err *e)
{
    (void)gw_fail(e, GODWIT_REFUSED, "%s makes the shim of %.*s, and %s drops it: there must be a deploy between them",
                  by, GW_STR_ARG(drop->old), part->file);
    (void)gw_err_at(e, part->script.path, source_of(part), (size_t)(drop->old.ptr - words->text.ptr));
    return gw_err_hint(e, "%s", apart(p));
}

/* In a checkpoint whoever makes one and drops it has done nothing, and what was made before is in it too. */
static gw_rc
add_phases(gw_arena *a, const gw_squash_params *p, const gw_joint_part *part, living *out, gw_err *e)
{
    const gw_phase_words *const words = gw_phase_words_read(a, part->script.path, source_of(part), p->prefixes);
    if (words == NULL)
        return GODWIT_OK;
    if (words->fault.rc != GODWIT_OK) {
        *e = words->fault;
        return e->rc;
    }
    for (size_t i = 0; i < words->rules.drops.len; i++) {
        const gw_shim *const drop = &words->rules.drops.at[i];
        const size_t made = find_shim(&out->shims, drop);
        assert(made == SIZE_MAX || out->made.at != NULL);
        if (made != SIZE_MAX && !is_checkpoint(p))
            return refuse_pair(p, out->made.at[made], part, words, drop, e);
        if (made != SIZE_MAX)
            remove_shim(out, made);
        else if (!is_checkpoint(p))
            *gw_vec_push(a, &out->drops) = *drop;
    }
    for (size_t i = 0; i < words->rules.shims.len; i++) {
        *gw_vec_push(a, &out->shims) = words->rules.shims.at[i];
        *gw_vec_push(a, &out->made) = part->file;
    }
    return GODWIT_OK;
}

/* What lives behind all parts. */
static gw_rc
read_phases(gw_arena *a, const gw_squash_params *p, living *out, gw_err *e)
{
    *out = (living){0};
    for (size_t i = 0; i < p->parts->len && p->way == GW_WAY_UP; i++)
        if (!p->parts->at[i].is_end)
            GW_TRY(add_phases(a, p, &p->parts->at[i], out, e));
    return GODWIT_OK;
}

/* ---- transactions ---- */

/* What the new file may say so that each statement stays in a transaction, or outside: one or two ways to try. Where transactions stand in the
 * text it is none of its own. */
static size_t
choose_modes(const gw_joint_parts *parts, gw_tx_mode modes[2])
{
    bool said[] = {[GW_TX_AUTO] = false, [GW_TX_FILE] = false, [GW_TX_NONE] = false};
    bool none_inside = true, is_wrapped = false;
    for (size_t i = 0; i < parts->len; i++) {
        if (parts->at[i].is_end)
            continue;
        is_wrapped = is_wrapped || parts->at[i].is_wrapped;
        said[parts->at[i].script.file_rules.tx] = true;
        none_inside = none_inside && !gw_script_is_single(&parts->at[i].script);
    }
    modes[0] = is_wrapped || said[GW_TX_NONE] ? GW_TX_NONE : said[GW_TX_FILE] ? GW_TX_FILE : GW_TX_AUTO;
    modes[1] = GW_TX_NONE;
    return modes[0] != GW_TX_NONE && none_inside ? 2 : 1;
}

static gw_rc
refuse_unlike(const gw_squash_params *p, const gw_err *why, gw_err *e)
{
    assert(p->parts->len > 0 && p->parts->at != NULL);
    const gw_joint_part *const first = &p->parts->at[0];
    (void)gw_fail(e, GODWIT_REFUSED, "%s and those behind it would not be the same in one file: %s", first->file,
                  why->message[0] == '\0' ? "their statements would be read otherwise" : why->message);
    (void)refuse_at(first, place_of(first, mark), e);
    return gw_err_hint(e, "%s", apart(p));
}

/* ---- the proof ---- */

static gw_str *
text_of(gw_layout_new *made, gw_way way)
{
    return way == GW_WAY_UP ? &made->up : way == GW_WAY_DOWN ? &made->down : &made->verify;
}

/* The file that the layout makes of it. */
static gw_rc
make_file(gw_arena *a, const gw_squash_params *p, const gw_layout_new *made, gw_str *out, gw_err *e)
{
    const gw_way way = p->way == GW_WAY_DOWN && p->layout->both_ways ? GW_WAY_UP : p->way;
    gw_layout_files files = {0};
    GW_TRY(p->layout->make(a, p->layout, made, &files, e));
    for (size_t i = 0; i < files.len; i++)
        if (files.at[i].way == way && gw_str_ends(gw_str_of(files.at[i].file), ".sql")) {
            *out = files.at[i].text;
            return GODWIT_OK;
        }
    return GODWIT_OK; /* none: it is left out, or is in the file of another */
}

static gw_rc
read_back(gw_arena *a, const gw_squash_params *p, gw_layout_new *made, gw_script *out, gw_err *e)
{
    const gw_script *const first = &p->parts->at[0].script;
    gw_script_params sp = {.path = made->name,
                           .text = *text_of(made, p->way),
                           .frame = p->way == GW_WAY_VERIFY && p->layout->both_ways ? NULL : p->layout->frame,
                           .down = p->way == GW_WAY_DOWN,
                           .is_check = p->way == GW_WAY_VERIFY,
                           .dialect = first->dialect,
                           .checksum = "",
                           .variables = first->variables,
                           .prefixes = p->prefixes,
                           .any_bytes = p->any_bytes,
                           .allow_empty = true};
    GW_TRY(make_file(a, p, made, &sp.text, e));
    return gw_script_read(a, &sp, out, e);
}

static const gw_unit *
unit_of(const gw_script *s, size_t at)
{
    size_t i = 0;
    while (at >= s->units.at[i].first + s->units.at[i].count)
        i++;
    return &s->units.at[i];
}

/* What was kept together is kept together; more may be. A verify script has no units. */
static bool
is_same_unit(const gw_script *x, size_t at, const gw_script *y, size_t there)
{
    if (x->units.len == 0 || y->units.len == 0)
        return x->units.len == y->units.len;
    const gw_unit *const u = unit_of(x, at);
    const gw_unit *const v = unit_of(y, there);
    const bool was_with_last = at > u->first;
    const bool is_with_last = there > v->first;
    return u->transaction == v->transaction && u->enters == v->enters && (is_with_last || !was_with_last);
}

static bool
is_same_statement(gw_arena *a, const gw_joint_part *part, size_t at, const gw_script *y, size_t there)
{
    const gw_script *const x = &part->script;
    const bool is_run_the_same = part->is_end || (is_same_unit(x, at, y, there) &&
                                                  x->rules[at].lock_timeout_ms == y->rules[there].lock_timeout_ms);
    return is_run_the_same && strcmp(gw_script_digest(a, x, at), gw_script_digest(a, y, there)) == 0;
}

static size_t
count_statements(const gw_joint_part *part)
{
    return part->script.stmts.len + (part->is_wrapped ? 2 : 0);
}

static bool
is_same_part(const gw_joint_part *part, const gw_script *whole, size_t at)
{
    GW_SCOPE(a);
    const size_t count = part->script.stmts.len;
    const size_t begin = part->is_wrapped ? at + 1 : at;
    if (at + count_statements(part) > whole->stmts.len)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_same_statement(a, part, i, whole, begin + i))
            return false;
    return !part->is_wrapped ||
           (whole->classes[at].kind == GW_CLASS_BEGIN && whole->classes[begin + count].kind == GW_CLASS_COMMIT);
}

static bool
is_same(const gw_joint_parts *parts, const gw_script *whole)
{
    size_t at = 0;
    for (size_t i = 0; i < parts->len; at += count_statements(&parts->at[i]), i++)
        if (!is_same_part(&parts->at[i], whole, at))
            return false;
    return at == whole->stmts.len;
}

/* What a mark in the file says of its transaction, and what a directive says. One mark for both ways is the way up's to set. */
static void
say_tx(const gw_squash_params *p, gw_tx_mode tx, gw_layout_new *made, gw_joint_params *jp)
{
    const bool is_shared = p->layout->tx_mark == GW_TX_MARK_BOTH && p->way == GW_WAY_DOWN;
    const bool is_set = is_shared && made->tx[GW_WAY_UP] == GW_TX_NONE;
    const bool has_mark = p->layout->marking != NULL && p->layout->tx_mark >= GW_TX_MARK_WAY &&
                          p->way != GW_WAY_VERIFY && (!is_shared || is_set);
    made->tx[p->way] = has_mark && (is_set || tx == GW_TX_NONE) ? GW_TX_NONE : GW_TX_AUTO;
    jp->tx = !has_mark ? tx : tx == GW_TX_NONE ? GW_TX_AUTO : is_set ? GW_TX_FILE : tx;
}

/* All of them stand above the first statement. */
static bool
is_said(const gw_directives *said, const gw_joint_params *jp)
{
    return said->checkpoint == jp->checkpoint && said->shims.len == jp->shims.len && said->drops.len == jp->drops.len;
}

/* Where it cannot even be read *why says it. */
static bool
try_text(gw_arena *a, const gw_squash_params *p, const gw_joint_params *jp, gw_layout_new *made, gw_script *whole,
         gw_err *why)
{
    gw_str *const text = text_of(made, p->way);
    gw_rc rc = gw_joint_text(a, jp, text, why);
    if (rc == GODWIT_OK && text->len > GW_SQL_FILE_CAP)
        rc = gw_fail(why, GODWIT_REFUSED, "the file would be larger than %d MiB", GW_SQL_FILE_CAP >> 20);
    rc = rc != GODWIT_OK ? rc : read_back(a, p, made, whole, why);
    return rc == GODWIT_OK && is_same(p->parts, whole) && is_said(&whole->file_rules, jp);
}

/* By semicolons, or what else tells its statements apart. */
static bool
try_one(gw_arena *a, const gw_squash_params *p, gw_tx_mode tx, gw_layout_new *made, gw_script *whole, gw_err *why)
{
    const bool is_named = p->layout->dress != NULL && p->layout->dress->names_checkpoint;
    living phases;
    gw_joint_params jp = {.layout = p->layout,
                          .prefixes = p->prefixes,
                          .parts = p->parts,
                          .mark = is_checkpoint(p) ? "" : mark,
                          .checkpoint = is_checkpoint(p) && p->way == GW_WAY_UP && !is_named};
    *made = *p->made;
    say_tx(p, tx, made, &jp);
    if (read_phases(a, p, &phases, why) != GODWIT_OK)
        return false;
    jp.shims = phases.shims;
    jp.drops = phases.drops;
    for (const char *const *next = gw_rewrite_delimiters;; next++) {
        gw_err failure = {0};
        if (try_text(a, p, &jp, made, whole, &failure))
            return true;
        *why = why->rc == GODWIT_OK ? failure : *why;
        if (*next == NULL)
            return false;
        jp.delimiter = *next;
    }
}

/* ---- what would be left ---- */

static gw_rc
refuse_leak(const gw_squash_params *p, const gw_joint_part *part, const gw_leak *leak, size_t from, gw_err *e)
{
    const gw_stmt *const stmt = &part->script.stmts.at[leak->left_by - from - part->is_wrapped];
    (void)gw_fail(e, GODWIT_REFUSED, "%s leaves %s, and what comes behind it would see that in the same file",
                  part->file, leak->what);
    (void)refuse_at(part, stmt->offset, e);
    return gw_err_hint(e, "%s", apart(p));
}

/* A part of our own that ends it, as the end of a file does. */
static gw_rc
end_leaks(gw_arena *a, const gw_joint_part *part, const gw_leaks *leaks, gw_joint_parts *out, gw_err *e)
{
    gw_buf text = gw_buf_new(a);
    for (size_t i = 0; i < leaks->len; i++)
        gw_buf_printf(&text, "%s;\n", leaks->at[i].undo);
    const gw_script_params sp = {
        .path = part->file, .text = gw_buf_str(&text), .dialect = part->script.dialect, .checksum = ""};
    gw_joint_part *const end = gw_vec_push(a, out);
    *end = (gw_joint_part){.file = part->file, .is_end = true};
    return gw_script_read(a, &sp, &end->script, e);
}

/* The parts, and behind those that leave something what ends it. */
static gw_rc
close_parts(gw_arena *a, const gw_squash_params *p, const gw_script *whole, gw_joint_parts *out, gw_err *e)
{
    const gw_joint_parts *const parts = p->parts;
    size_t from = 0;
    for (size_t i = 0; i < parts->len; i++) {
        const gw_joint_part *const part = &parts->at[i];
        const size_t to = from + count_statements(part);
        gw_leaks leaks;
        gw_leaks_find(a, whole, from, to, &leaks);
        for (size_t k = leaks.len; k-- > 0;)
            if (leaks.at[k].undo == NULL)
                return refuse_leak(p, part, &leaks.at[k], from, e);
        *gw_vec_push(a, out) = *part;
        if (leaks.len > 0)
            GW_TRY(end_leaks(a, part, &leaks, out, e));
        from = to;
    }
    return GODWIT_OK;
}

static gw_rc
make(gw_arena *a, const gw_squash_params *p, gw_layout_new *made, gw_script *whole, gw_err *e)
{
    gw_tx_mode modes[2];
    gw_err why = {0};
    const size_t count = choose_modes(p->parts, modes);
    for (size_t i = 0; i < count; i++)
        if (try_one(a, p, modes[i], made, whole, &why))
            return GODWIT_OK;
    return refuse_unlike(p, &why, e);
}

/* As they stand, and what they leave ended. *is_read: there is a text that is read as the same, whatever else is wrong. */
static gw_rc
squash(gw_arena *a, const gw_squash_params *p, gw_layout_new *made, bool *is_read, gw_err *e)
{
    gw_script whole;
    gw_joint_parts closed = {0};
    gw_squash_params closing = *p;
    *is_read = false;
    GW_TRY(make(a, p, made, &whole, e));
    *is_read = true;
    GW_TRY(close_parts(a, p, &whole, &closed, e));
    closing.parts = &closed;
    return closed.len == p->parts->len ? GODWIT_OK : make(a, &closing, made, &whole, e);
}

/* Those that are one transaction keep theirs, beside those that are none. */
static void
wrap(gw_arena *a, const gw_joint_parts *parts, gw_joint_parts *out)
{
    *out = (gw_joint_parts){.at = gw_new_array(a, gw_joint_part, parts->len), .len = parts->len};
    for (size_t i = 0; i < parts->len; i++) {
        const gw_script *const s = &parts->at[i].script;
        gw_joint_part *const part = &out->at[i];
        *part = parts->at[i];
        part->is_wrapped = gw_script_is_single(s) && s->units.at[0].own_begin == SIZE_MAX;
    }
}

static gw_rc
check_all(gw_arena *a, const gw_squash_params *p, gw_err *e)
{
    living phases;
    for (size_t i = 1; i < p->parts->len; i++)
        GW_TRY(check_said(p, &p->parts->at[i], e));
    return read_phases(a, p, &phases, e);
}

gw_rc
gw_squash(gw_arena *a, const gw_squash_params *p, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_layout_new made;
    gw_err failure = {0}, again = {0};
    gw_joint_parts wrapped = {0};
    gw_squash_params wrapping = *p;
    bool is_read, is_read_wrapped = false;
    GW_TRY(check_all(scratch, p, e));
    if (squash(scratch, p, &made, &is_read, &failure) != GODWIT_OK) {
        wrap(scratch, p->parts, &wrapped);
        wrapping.parts = &wrapped;
        if (p->way == GW_WAY_VERIFY || squash(scratch, &wrapping, &made, &is_read_wrapped, &again) != GODWIT_OK) {
            *e = is_read_wrapped && !is_read ? again : failure;
            return e->rc;
        }
    }
    *text_of(p->made, p->way) = gw_str_copy(a, *text_of(&made, p->way));
    p->made->tx[p->way] = made.tx[p->way];
    return GODWIT_OK;
}

const char *
gw_squash_rest(gw_arena *a, gw_str text, const char *self, const gw_files *files)
{
    static const char line_begin[] = "-- squashed: ";
    for (gw_str rest = text; rest.ptr != NULL;) {
        const gw_str line = gw_str_trim(gw_str_cut(rest, '\n', &rest));
        if (!gw_str_starts(line, line_begin))
            continue;
        const gw_str name = gw_str_slice(line, strlen(line_begin), line.len);
        for (size_t i = 0; !gw_str_is(name, self) && i < files->len; i++)
            if (gw_str_ends(gw_str_of(files->at[i].path), gw_printf(a, "/%.*s", GW_STR_ARG(name))))
                return gw_strdup(a, name);
    }
    return NULL;
}
