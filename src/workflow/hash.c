#include "workflow/seal.h"
#include "workflow/workflow.h"

gw_rc
gw_hash(gw_call *call, const char *sign, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    const gw_folder *const folder = &migrations.folder;
    bool changed;
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_SEAL, &migrations, e));
    GW_TRY(sign == NULL ? gw_seal(call, folder, &changed, e) : gw_seal_signed(call, folder, sign, &changed, e));
    if (!changed)
        gw_tell_note(call, "%s/%s is as it should be", folder->path, folder->covered.sum);
    return GODWIT_OK;
}
