#include "workflow/seal.h"
#include "workflow/workflow.h"

gw_rc
gw_hash(gw_call *call, gw_err *e)
{
    GW_SCOPE(a);
    gw_migrations migrations = {0};
    bool changed;
    GW_TRY(gw_migrations_open(a, call, GW_MIGRATIONS_TO_SEAL, &migrations, e));
    GW_TRY(gw_seal(call, &migrations.folder, &changed, e));
    if (!changed)
        gw_tell_note(call, "%s/%s is as it should be", migrations.folder.path, migrations.folder.covered.sum);
    return GODWIT_OK;
}
