#include "migration/sum_signature.h"

#include <string.h>

#include "base/map.h"
#include "migration/sum.h"

#define FIRST "godwit-signature ed25519 "

char *
gw_sum_signature_path(gw_arena *a, const char *sum_path)
{
    return gw_printf(a, "%s.sig", sum_path);
}

char *
gw_sum_signature_text(gw_arena *a, const gw_signature *signature, const gw_public_key *by)
{
    return gw_printf(a, FIRST "%s\n%s\n", gw_signature_fingerprint(a, by), gw_signature_text(a, signature));
}

/* ---- is it signed? ---- */

static gw_rc
fail_line(const gw_sum_signature_params *p, gw_str where, const char *what, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s", what);
    (void)gw_err_at(e, p->path, p->text, where.ptr == NULL ? p->text.len : (size_t)(where.ptr - p->text.ptr));
    return gw_err_hint(e, "`godwit hash --sign KEY` writes it anew");
}

/* Who says that he signed it, and the signature. */
static gw_rc
read_text(const gw_sum_signature_params *p, gw_str *by, gw_signature *out, gw_err *e)
{
    gw_str rest, behind;
    const gw_str first = gw_str_trim(gw_str_cut(p->text, '\n', &rest));
    const gw_str second = gw_str_trim(gw_str_cut(rest, '\n', &behind));
    if (!gw_str_starts(first, FIRST))
        return fail_line(p, p->text, "this is no first line of a signature: '" FIRST "' and a fingerprint are", e);
    if (!gw_signature_read(second, out))
        return fail_line(p, rest, "this is no signature in base64, of 88 characters", e);
    if (gw_str_trim(behind).len > 0)
        return fail_line(p, behind, "a signature ends before this line", e);
    *by = gw_str_slice(first, strlen(FIRST), first.len);
    return GODWIT_OK;
}

static gw_rc
fail_other(const gw_sum_signature_params *p, gw_str by, const char *wanted, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s was signed with another key than the one that is demanded", p->sum_path);
    (void)gw_err_note(e, "signed    %.*s", GW_STR_ARG(by));
    (void)gw_err_note(e, "demanded  %s", wanted);
    return gw_err_hint(e, "sign it with the private half of the demanded key: `godwit hash --sign KEY`");
}

static gw_rc
fail_unfit(const gw_sum_signature_params *p, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "the signature %s does not fit %s: one of them was changed since", p->path,
                  p->sum_path);
    if (memchr(p->sum.ptr, '\r', p->sum.len) != NULL)
        return gw_err_hint(e, "the sum file has line ends of Windows: let git leave them alone, `*.sum -text` in "
                              ".gitattributes, then check it out again");
    return gw_err_hint(e, "look at what was changed; if it is meant, `godwit hash --sign KEY` signs it");
}

gw_rc
gw_sum_signature_check(const gw_sum_signature_params *p, gw_err *e)
{
    GW_SCOPE(a);
    gw_signature signature;
    gw_str by = {0};
    bool fits = false;
    const char *const wanted = gw_signature_fingerprint(a, p->key);
    GW_TRY(read_text(p, &by, &signature, e));
    if (gw_str_is(by, wanted))
        GW_TRY(gw_signature_fits(&signature, p->key, p->sum, &fits, e));
    if (fits)
        return GODWIT_OK;
    (void)(gw_str_is(by, wanted) ? fail_unfit(p, e) : fail_other(p, by, wanted, e));
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(p->path));
    return e->rc;
}

/* ---- what of? ---- */

static gw_rc
check_file(const gw_map *lines, const gw_folder *folder, const char *path, gw_err *e)
{
    if (path == NULL || gw_map_has(lines, gw_str_of(path)))
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "%s is not signed: %s has no line for it", path, folder->covered.sum);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(path));
    if (gw_str_is(gw_str_of(folder->covered.sum), gw_covered_own))
        return gw_err_hint(e, "take `atlas:sum ignore` out of it, then `godwit hash --sign KEY`");
    return gw_err_hint(e, "Atlas's sum file leaves out down files, and files that say `atlas:sum ignore`; %s has all",
                       gw_covered_own);
}

gw_rc
gw_sum_signature_covers(const gw_folder *folder, gw_err *e)
{
    GW_SCOPE(a);
    gw_sum sum;
    gw_map *const lines = gw_map_new(a);
    const char *const path = gw_path_join(a, folder->path, folder->covered.sum);
    GW_TRY(gw_sum_read(a, path, folder->sum_text, &sum, e));
    for (size_t i = 0; i < sum.lines.len; i++)
        gw_map_put(lines, gw_str_of(gw_path_join(a, folder->path, sum.lines.at[i].name)), &sum);
    for (size_t i = 0; i < folder->files.len; i++) {
        GW_TRY(check_file(lines, folder, folder->files.at[i].path, e));
        GW_TRY(check_file(lines, folder, folder->files.at[i].down_path, e));
    }
    return GODWIT_OK;
}
