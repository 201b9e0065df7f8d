#include "workflow/seal.h"

#include <string.h>

#include "migration/integrity.h"
#include "workflow/report.h"

gw_rc
gw_seal(gw_call *call, const gw_folder *folder, bool *changed, gw_err *e)
{
    GW_SCOPE(a);
    const char *path;
    char *text;
    gw_str before = {0};
    gw_err none = {0};
    GW_TRY(gw_integrity_sum(a, folder, &path, &text, e));
    const bool is_there =
        gw_path_is(path) == GW_PATH_FILE && gw_file_read(a, path, SIZE_MAX, &before, &none) == GODWIT_OK;
    *changed = !is_there || !gw_str_is(before, text);
    if (!*changed)
        return GODWIT_OK;
    GW_TRY(gw_file_write(path, gw_str_of(text), e));
    gw_report_path(call, path);
    return GODWIT_OK;
}
