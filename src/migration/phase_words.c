#include "migration/phase_words.h"

#include <string.h>

#include "migration/frame.h"

static bool
has_word(gw_str line, const char *word)
{
    return line.len > 0 && memmem(line.ptr, line.len, word, strlen(word)) != NULL;
}

/* A comment for itself that says something of shims, or of where the file runs. */
static bool
is_wanted(gw_str line)
{
    static const char *const marks[] = {"--", "#", "/*"};
    static const char *const names[] = {"n-1-shim", "skip-on", "only-on"};
    bool is_comment = false, is_said = false;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        is_comment |= gw_str_starts(line, marks[i]);
    for (size_t i = 0; is_comment && i < sizeof(names) / sizeof(names[0]); i++)
        is_said |= has_word(line, names[i]);
    return is_said;
}

static gw_spans
find_lines(gw_arena *a, gw_str text)
{
    gw_spans lines = {0};
    for (gw_str rest = text; rest.ptr != NULL;) {
        const gw_str line = gw_str_trim(gw_str_cut(rest, '\n', &rest));
        const size_t from = (size_t)(line.ptr - text.ptr);
        if (is_wanted(line))
            *gw_vec_push(a, &lines) = (gw_span){from, from + line.len};
    }
    return lines;
}

const gw_phase_words *
gw_phase_words_read(gw_arena *a, const char *path, gw_str text, const char *const *prefixes)
{
    if (!has_word(text, "n-1-shim"))
        return NULL;
    gw_phase_words *const words = gw_new(a, gw_phase_words);
    const gw_spans lines = find_lines(a, text);
    words->text = gw_frame_mask(a, text, &lines);
    const gw_dialect dialect = {.kind = GW_DIALECT_MYSQL}; /* it has all the comments that others have */
    const gw_directive_params p = {path, words->text, dialect, prefixes};
    if (gw_directives_read(a, &p, 0, words->text.len, false, &words->rules, &words->fault) != GODWIT_OK)
        words->rules = (gw_directives){0};
    const bool is_said = words->rules.shims.len + words->rules.drops.len > 0 || words->fault.rc != GODWIT_OK;
    return is_said ? words : NULL;
}
