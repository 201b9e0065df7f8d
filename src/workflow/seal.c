#include "workflow/seal.h"

#include <string.h>

#include "migration/integrity.h"
#include "migration/sum_signature.h"
#include "workflow/report.h"

enum { KEY_CAP = 64 << 10 };

/* Unless it is so already. */
static gw_rc
write_file(gw_call *call, const char *path, const char *text, bool *changed, gw_err *e)
{
    GW_SCOPE(scratch);
    gw_str before = {0};
    gw_err none = {0};
    const bool is_there =
        gw_path_is(path) == GW_PATH_FILE && gw_file_read(scratch, path, SIZE_MAX, &before, &none) == GODWIT_OK;
    *changed = !is_there || !gw_str_is(before, text);
    if (!*changed)
        return GODWIT_OK;
    GW_TRY(gw_file_write(path, gw_str_of(text), e));
    gw_report_path(call, path);
    return GODWIT_OK;
}

gw_rc
gw_seal(gw_call *call, const gw_folder *folder, bool *changed, gw_err *e)
{
    GW_SCOPE(a);
    const char *path;
    char *text;
    GW_TRY(gw_integrity_sum(a, folder, &path, &text, e));
    GW_TRY(write_file(call, path, text, changed, e));
    const char *const signature = gw_sum_signature_path(a, path);
    if (*changed && gw_path_is(signature) != GW_PATH_NONE)
        gw_tell_note(call, "%s does not fit any longer: `godwit hash --sign KEY` signs the folder again", signature);
    return GODWIT_OK;
}

gw_rc
gw_seal_signed(gw_call *call, const gw_folder *folder, const char *key, bool *changed, gw_err *e)
{
    GW_SCOPE(a);
    const char *path;
    char *text;
    gw_str pem;
    gw_signature signature;
    gw_public_key by;
    bool is_new;
    GW_TRY(gw_file_read(a, key, KEY_CAP, &pem, e));
    GW_TRY(gw_integrity_sum(a, folder, &path, &text, e));
    GW_TRY(gw_signature_make(key, pem, gw_str_of(text), &signature, &by, e));
    GW_TRY(write_file(call, path, text, changed, e));
    const char *const signed_text = gw_sum_signature_text(a, &signature, &by);
    GW_TRY(write_file(call, gw_sum_signature_path(a, path), signed_text, &is_new, e));
    *changed |= is_new;
    gw_tell_note(call, "signed with %s", gw_signature_fingerprint(a, &by));
    return GODWIT_OK;
}
