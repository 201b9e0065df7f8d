#include <string.h>

#include "base/file.h"
#include "workflow/migrations.h"
#include "workflow/report.h"
#include "workflow/workflow.h"
#include <assert.h>

static const char config_path[] = "godwit.yaml";

/* Where projects keep their migrations; the first that exists is taken over. */
static const char *const usual_folders[] = {"migrations",       "db/migrations",       "db/migrate",
                                            "sql/migrations",   "database/migrations", "src/db/migrations",
                                            "schema/migrations"};

static const char example_up[] = "-- The first migration. `godwit up` applies it, `godwit down` takes it back.\n"
                                 "CREATE TABLE notes (\n"
                                 "    id INTEGER PRIMARY KEY,\n"
                                 "    title TEXT NOT NULL,\n"
                                 "    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP\n"
                                 ");\n";
static const char example_down[] = "DROP TABLE notes;\n";

/* The folder that was said, or one that exists; NULL: neither. */
static const char *
find_folder(const gw_call *call)
{
    const gw_config_value *const said = &call->config->values[GW_SETTING_MIGRATIONS];
    if (said->rank > GW_RANK_DEFAULT && said->text != NULL)
        return said->text;
    for (size_t i = 0; i < sizeof(usual_folders) / sizeof(usual_folders[0]); i++)
        if (gw_path_is(usual_folders[i]) == GW_PATH_DIR)
            return usual_folders[i];
    return NULL;
}

/* In double quotes for YAML; a '$' would begin a reference. */
static char *
quoted(gw_arena *a, const char *text)
{
    gw_buf out = gw_buf_new(a);
    assert(text != NULL);
    gw_buf_putc(&out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            gw_buf_putc(&out, '\\');
        if (*c == '$')
            gw_buf_putc(&out, '$');
        gw_buf_putc(&out, *c);
    }
    gw_buf_putc(&out, '"');
    return gw_strdup(a, gw_buf_str(&out));
}

/* The URL to write down, in quotes; NULL: one that the environment or .env already gives, or that holds a secret, is
 * not written a second time. */
static const char *
url_to_write(gw_arena *a, const gw_call *call)
{
    const gw_config_value *const said = &call->config->values[GW_SETTING_URL];
    gw_url url;
    gw_err unfit = {0};
    if (said->text == NULL && said->exec == NULL)
        return "\"sqlite:app.db\"";
    if (said->rank != GW_RANK_FLAG || gw_url_parse(a, gw_str_of(said->text), &url, &unfit) != GODWIT_OK)
        return NULL;
    return url.password == NULL ? quoted(a, said->text) : NULL;
}

static const char *
config_text(gw_arena *a, const gw_call *call, const char *folder)
{
    const char *const url = url_to_write(a, call);
    const bool is_plain =
        folder[strspn(folder, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./")] == '\0';
    gw_buf text = gw_buf_new(a);
    gw_buf_printf(&text,
                  "# godwit: every key and its meaning is in the manual, docs/configuration.md.\n"
                  "migrations: %s\n",
                  is_plain ? folder : quoted(a, folder));
    if (url != NULL)
        gw_buf_printf(&text, "envs:\n  local: { url: %s }\n", url);
    else
        gw_buf_printf(&text, "# The database comes from %s.\n", call->config->values[GW_SETTING_URL].origin);
    return gw_buf_text(&text);
}

static gw_rc
write_example(gw_arena *a, gw_call *call, const char *folder, gw_err *e)
{
    const char *const up = gw_path_join(a, folder, "0001_create_notes.sql");
    const char *const down = gw_path_join(a, folder, "0001_create_notes_down.sql");
    GW_TRY(gw_file_create(up, gw_str_of(example_up), e));
    gw_report_path(call, up);
    GW_TRY(gw_file_create(down, gw_str_of(example_down), e));
    gw_report_path(call, down);
    return GODWIT_OK;
}

static gw_rc
take_over(gw_arena *a, const gw_call *call, const char *folder, gw_err *e)
{
    gw_folder existing;
    GW_TRY(gw_folder_open(a, &(gw_folder_params){.path = folder, .allow_gaps = true}, &existing, e));
    gw_tell_note(call, "taking over %s: %zu migration%s, layout %s", folder, existing.files.len,
                 existing.files.len == 1 ? "" : "s", existing.layout->name);
    return GODWIT_OK;
}

gw_rc
gw_init(gw_call *call, gw_err *e)
{
    GW_SCOPE(a);
    const gw_config_value *const url = &call->config->values[GW_SETTING_URL];
    const char *const found = find_folder(call);
    const char *const folder = found == NULL ? usual_folders[0] : found;
    const bool exists = gw_path_is(folder) == GW_PATH_DIR;
    if (gw_path_is(config_path) != GW_PATH_NONE) {
        (void)gw_fail(e, GODWIT_IO, "%s exists already", config_path);
        return gw_err_hint(e, "edit it; docs/configuration.md lists its keys");
    }
    if (exists)
        GW_TRY(take_over(a, call, folder, e));
    GW_TRY(gw_file_create(config_path, gw_str_of(config_text(a, call, folder)), e));
    gw_report_path(call, config_path);
    GW_TRY(gw_dir_make(folder, e));
    const bool is_ours = !exists && url->text == NULL && url->exec == NULL;
    return is_ours ? write_example(a, call, folder, e) : GODWIT_OK;
}
