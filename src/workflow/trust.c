#include "workflow/trust.h"

#include "base/file.h"
#include "migration/integrity.h"
#include "migration/sum_signature.h"

enum { KEY_CAP = 64 << 10, SIGNATURE_CAP = 64 << 10 };

/* ---- the demand ---- */

/* *out: the key or its path; NULL: nothing is demanded. */
static gw_rc
read_demand(gw_call *call, const char **out, gw_err *e)
{
    GW_TRY(gw_config_text(call->config, GW_SETTING_VERIFY_KEY, out, e));
    if (*out == NULL)
        return GODWIT_OK;
    const gw_str said = gw_str_trim(gw_str_of(*out));
    if (said.len == 0) { /* a variable that is not set must not turn it off */
        (void)gw_fail(e, GODWIT_USAGE, "'%s' is empty", gw_settings[GW_SETTING_VERIFY_KEY].name);
        return gw_err_hint(e, "name a public key or its file; `none` is the word for no demand");
    }
    if (gw_str_is(said, "none"))
        *out = NULL;
    return GODWIT_OK;
}

static gw_rc
note_demand(const gw_call *call, gw_err *e)
{
    return gw_err_note(e, "a signed folder is demanded by verify_key: %s",
                       call->config->values[GW_SETTING_VERIFY_KEY].origin);
}

static gw_rc
read_key(gw_arena *a, const char *said, gw_public_key *out, gw_err *e)
{
    gw_str text = gw_str_of(said);
    const bool is_itself = gw_signature_is_key(text);
    if (!is_itself)
        GW_TRY(gw_file_read(a, said, KEY_CAP, &text, e));
    if (gw_signature_key(is_itself ? "'verify_key'" : said, text, out, e) == GODWIT_OK)
        return GODWIT_OK;
    e->rc = GODWIT_FOLDER;
    if (!is_itself)
        gw_err_copy(e->path, sizeof(e->path), gw_str_of(said));
    return e->rc;
}

/* ---- is it met? ---- */

static gw_rc
fail_unsealed(const gw_folder *f, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s has no sum file, so that nobody can have signed it", f->path);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(f->path));
    return gw_err_hint(e, "`godwit hash --sign KEY` writes and signs it");
}

static gw_rc
fail_unsigned(const char *sum_path, const char *path, gw_err *e)
{
    (void)gw_fail(e, GODWIT_FOLDER, "%s is not signed: there is no %s", sum_path, path);
    gw_err_copy(e->path, sizeof(e->path), gw_str_of(sum_path));
    return gw_err_hint(e, "`godwit hash --sign KEY` signs it");
}

static gw_rc
check_signature(gw_arena *a, const gw_folder *f, const gw_public_key *key, gw_err *e)
{
    if (f->covered.sum == NULL)
        return fail_unsealed(f, e);
    gw_sum_signature_params p = {.sum = f->sum_text, .key = key};
    p.sum_path = gw_path_join(a, f->path, f->covered.sum);
    p.path = gw_sum_signature_path(a, p.sum_path);
    if (gw_path_is(p.path) == GW_PATH_NONE)
        return fail_unsigned(p.sum_path, p.path, e);
    GW_TRY(gw_file_read(a, p.path, SIGNATURE_CAP, &p.text, e));
    GW_TRY(gw_sum_signature_check(&p, e));
    return gw_sum_signature_covers(f, e);
}

/* A folder that does not exist holds nothing that could run. */
static gw_rc
check_demand(gw_call *call, const gw_folder *folder, gw_err *e)
{
    GW_SCOPE(a);
    const char *said;
    gw_public_key key;
    GW_TRY(read_demand(call, &said, e));
    if (said == NULL || !folder->exists)
        return GODWIT_OK;
    if (read_key(a, said, &key, e) != GODWIT_OK || check_signature(a, folder, &key, e) != GODWIT_OK)
        return note_demand(call, e);
    return GODWIT_OK;
}

gw_rc
gw_trust_check(gw_call *call, const gw_folder *folder, gw_err *e)
{
    GW_TRY(gw_integrity_check(folder, e));
    return check_demand(call, folder, e);
}

gw_rc
gw_trust_problems(gw_arena *a, gw_call *call, const gw_folder *folder, gw_problems *out, gw_err *e)
{
    gw_err unmet = {0};
    gw_integrity_problems(a, folder, out);
    const gw_rc rc = check_demand(call, folder, &unmet);
    if (rc == GODWIT_FOLDER)
        *gw_vec_push(a, out) = unmet;
    else if (rc != GODWIT_OK)
        *e = unmet;
    return rc == GODWIT_FOLDER ? GODWIT_OK : rc;
}

gw_rc
gw_trust_check_kept(gw_call *call, const gw_item *item, gw_err *e)
{
    const char *said;
    GW_TRY(read_demand(call, &said, e));
    if (said == NULL)
        return GODWIT_OK;
    (void)gw_fail(e, GODWIT_FOLDER, "the way down of %s %s is known to the history alone, and is not signed",
                  item->version, item->name);
    (void)gw_err_hint(e, "restore its down file, with the sum file and the signature of that folder");
    return note_demand(call, e);
}
