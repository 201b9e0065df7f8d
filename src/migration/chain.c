#include "migration/chain.h"

#include <string.h>

#include "base/hash.h"
#include "base/json_read.h"
#include "sql/lex.h"

#define MARK "h1:"

/* Where its delimiter begins; the end of the text without one. */
static size_t
delimiter_behind(const gw_script *s, size_t end)
{
    const gw_str rest = gw_str_slice(s->text, end, s->text.len), other = s->file_rules.delimiter;
    if (other.len > 0) {
        const char *const hit = memmem(rest.ptr, rest.len, other.ptr, other.len);
        return hit == NULL ? s->text.len : (size_t)(hit - s->text.ptr);
    }
    gw_lexer l = gw_lex(rest, s->dialect);
    const gw_token t = gw_lex_solid(&l);
    return t.kind == GW_TOKEN_SEMICOLON ? (size_t)(t.text.ptr - s->text.ptr) : s->text.len;
}

/* As Atlas's scanner has it. */
static gw_str
statement_of(const gw_script *s, size_t index)
{
    const gw_stmt *const stmt = &s->stmts.at[index];
    const size_t end = (size_t)stmt->offset + stmt->length, at = delimiter_behind(s, end);
    if (s->file_rules.delimiter.len > 0)
        return gw_str_trim(gw_str_slice(s->text, stmt->offset, at));
    return gw_str_slice(s->text, stmt->offset, at < s->text.len ? at + 1 : end);
}

/* Only texts of the list that look like hashes. */
static const gw_json_node *
read_chain(gw_arena *a, const char *chain)
{
    gw_json_node *list;
    gw_err ignored = {0};
    if (chain == NULL || gw_json_read(a, "partial_hashes", gw_str_of(chain), &list, &ignored) != GODWIT_OK)
        return NULL;
    for (size_t i = 0; i < list->items.len; i++)
        if (list->items.at[i]->kind != GW_JSON_TEXT || !gw_str_starts(gw_str_of(list->items.at[i]->text), MARK))
            return NULL;
    return list->kind == GW_JSON_LIST ? list : NULL;
}

size_t
gw_chain_changed(const char *chain, const gw_script *s, size_t done, bool *kept)
{
    GW_SCOPE(scratch);
    const gw_json_node *const list = read_chain(scratch, chain);
    gw_sha256 *const running = gw_sha256_new(scratch);
    *kept = done == 0 || (list != NULL && list->items.len >= done);
    for (size_t i = 0; *kept && i < done; i++) {
        if (i == s->stmts.len)
            return i;
        gw_sha256_add(running, statement_of(s, i));
        const gw_str hash = gw_str_of(list->items.at[i]->text);
        if (!gw_str_is(gw_str_slice(hash, strlen(MARK), hash.len), gw_sha256_base64(scratch, running)))
            return i;
    }
    return SIZE_MAX;
}
