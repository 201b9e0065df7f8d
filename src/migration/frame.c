#include "migration/frame.h"

#include <string.h>

#include "base/hash.h"

static void
blank(char *text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (text[i] != '\n' && text[i] != '\r')
            text[i] = ' ';
}

gw_str
gw_frame_mask(gw_arena *a, gw_str text, const gw_spans *kept)
{
    char *const copy = gw_strdup(a, text);
    size_t end = 0;
    for (size_t i = 0; i < kept->len; i++) {
        blank(copy, end, kept->at[i].from);
        end = kept->at[i].to;
    }
    blank(copy, end, text.len);
    return (gw_str){copy, text.len};
}

gw_rc
gw_frame_read(gw_arena *a, gw_frame_fn *fn, const gw_frame_params *p, gw_frame *out, gw_err *e)
{
    *out = (gw_frame){0};
    if (fn != NULL)
        return fn(a, p, out, e);
    *out = (gw_frame){.is_there = true, .text = p->text};
    return GODWIT_OK;
}

char *
gw_frame_checksum(gw_arena *a, const gw_frame *f, gw_str file)
{
    if (!f->is_part)
        return gw_sha256_hex(a, file);
    GW_SCOPE(scratch);
    gw_sha256 *const hash = gw_sha256_new(scratch);
    for (gw_str rest = f->text; rest.ptr != NULL;) {
        const gw_str line = gw_str_cut(rest, '\n', &rest);
        if (gw_str_trim(line).len == 0)
            continue;
        gw_sha256_add(hash, line);
        gw_sha256_add(hash, GW_STR_LIT("\n"));
    }
    return gw_sha256_so_far(a, hash);
}
