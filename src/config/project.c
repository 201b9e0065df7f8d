#include "config/project.h"

#include <string.h>

#include "base/file.h"
#include "config/place.h"
#include "config/yaml.h"

typedef struct reader {
    gw_arena *a;
    const gw_project *project;
    gw_err *e;
} reader;

typedef enum section_kind { SECTION_TOP, SECTION_SERVICE, SECTION_ENV } section_kind;

/* Point at the key of an item, or at its value. The error was filled by gw_fail. */
static gw_rc
at_key(const reader *r, const gw_yaml *item)
{
    const size_t shown = gw_str_utf8_count(gw_str_of(item->key)) + 1; /* and its colon */
    return gw_place(r->e, GW_PLACE_YAML, r->project->path, r->project->text, item->offset, shown);
}

static gw_rc
at_value(const reader *r, const gw_yaml *node)
{
    return gw_place(r->e, GW_PLACE_YAML, r->project->path, r->project->text, node->value_offset, 0);
}

/* ---- values ---- */

/* Items of a list as comma text. */
static gw_rc
join(const reader *r, const char *name, const gw_yaml *list, const char **out)
{
    gw_buf b = gw_buf_new(r->a);
    for (size_t i = 0; i < list->items.len; i++) {
        const gw_yaml *const item = list->items.at[i];
        if (item->kind != GW_YAML_SCALAR || item->tag != NULL || *item->value == '\0' ||
            strchr(item->value, ',') != NULL) {
            (void)gw_fail(r->e, GODWIT_USAGE, "an item of '%s' must be a text without a comma", name);
            (void)gw_err_hint(r->e, "write %s: [one, two]", name);
            return at_value(r, item);
        }
        gw_buf_printf(&b, "%s%s", i == 0 ? "" : ",", item->value);
    }
    *out = gw_buf_text(&b);
    return GODWIT_OK;
}

static gw_rc
fail_tag(const reader *r, const gw_yaml *item, bool is_hook)
{
    const bool is_unknown = strcmp(item->tag, "!exec") != 0;
    if (is_unknown)
        (void)gw_fail(r->e, GODWIT_USAGE, "unknown tag '%s' on '%s'", item->tag, item->key);
    else
        (void)gw_fail(r->e, GODWIT_USAGE, "'%s' is %s; it takes no !exec", item->key,
                      is_hook ? "a command already" : "a list");
    (void)gw_err_hint(r->e, "%s", is_unknown ? "the one tag there is: !exec command" : "leave !exec out");
    return at_value(r, item);
}

static gw_rc
read_value(const reader *r, gw_setting_id id, const gw_yaml *item, gw_project_value *out)
{
    const bool is_list = item->kind == GW_YAML_LIST && strcmp(gw_settings[id].kind, "list") == 0;
    const bool is_hook = id >= GW_SETTING_BEFORE_UP;
    if (item->kind != GW_YAML_SCALAR && !is_list) {
        (void)gw_fail(r->e, GODWIT_USAGE, "'%s' must be a text, not a %s", item->key,
                      item->kind == GW_YAML_MAP ? "map" : "list");
        (void)gw_err_hint(r->e, "write %s: value, and put a value that begins with [ or { in quotes", item->key);
        return at_value(r, item);
    }
    if (item->tag != NULL && (is_list || is_hook || strcmp(item->tag, "!exec") != 0))
        return fail_tag(r, item, is_hook);
    if (item->tag != NULL && *item->value == '\0') {
        (void)gw_fail(r->e, GODWIT_USAGE, "'%s' is to ask a command, but names none", item->key);
        (void)gw_err_hint(r->e, "write %s: !exec command", item->key);
        return at_value(r, item);
    }
    if (item->is_null)
        return GODWIT_OK;
    *out = (gw_project_value){.line = item->line, .offset = item->value_offset};
    if (is_list)
        return join(r, item->key, item, &out->text);
    *(item->tag == NULL ? &out->text : &out->exec) = item->value;
    return GODWIT_OK;
}

static gw_rc
read_setting(const reader *r, gw_setting_id id, const gw_yaml *item, gw_project_section *out)
{
    gw_project_value value = {0};
    GW_TRY(read_value(r, id, item, &value));
    if (out->values[id].line != 0) { /* lock_wait and lock-wait */
        (void)gw_fail(r->e, GODWIT_USAGE, "'%s' is given twice, first in line %u", item->key, out->values[id].line);
        (void)gw_err_hint(r->e, "remove one of the two");
        return at_key(r, item);
    }
    out->values[id] = value;
    return GODWIT_OK;
}

/* ---- sections ---- */

static gw_rc
expect_map(const reader *r, const gw_yaml *item, const char *hint)
{
    if (item->kind == GW_YAML_MAP && item->tag == NULL)
        return GODWIT_OK;
    (void)gw_fail(r->e, GODWIT_USAGE, "'%s' must be a map of settings", item->key);
    (void)gw_err_hint(r->e, "%s", hint);
    return at_value(r, item);
}

static gw_setting_id
hook_of(gw_str key)
{
    if (gw_str_is(key, "timeout"))
        return GW_SETTING_HOOK_TIMEOUT;
    const gw_setting_id id = gw_setting_find(key);
    return id >= GW_SETTING_BEFORE_UP && id <= GW_SETTING_ON_FAILURE ? id : GW_SETTING__COUNT;
}

static gw_rc
read_hooks(const reader *r, const gw_yaml *map, gw_project_section *out)
{
    static const char *const names[] = {"before_up", "after_up", "after_each", "on_failure", "timeout"};
    for (size_t i = 0; i < map->items.len; i++) {
        const gw_yaml *const item = map->items.at[i];
        const gw_setting_id id = hook_of(gw_str_of(item->key));
        if (id == GW_SETTING__COUNT) {
            const char *const near = gw_str_nearest(gw_str_of(item->key), names, sizeof(names) / sizeof(names[0]));
            (void)gw_fail(r->e, GODWIT_USAGE, "unknown hook '%s'", item->key);
            if (near != NULL)
                (void)gw_err_hint(r->e, "did you mean '%s'?", near);
            (void)gw_err_hint(r->e, "hooks are before_up, after_up, after_each and on_failure, with one timeout");
            return at_key(r, item);
        }
        GW_TRY(read_setting(r, id, item, out));
    }
    return GODWIT_OK;
}

/* Keys that are no settings, and where they may stand. */
static const struct structure {
    const char *name;
    unsigned sections; /* bits of section_kind */
    const char *place;
} structures[] = {
    {"envs", 1u << SECTION_TOP | 1u << SECTION_SERVICE, "at the top of the file, or in a service"},
    {"services", 1u << SECTION_TOP, "at the top of the file"},
    {"hooks", 1u << SECTION_TOP | 1u << SECTION_SERVICE | 1u << SECTION_ENV, "anywhere"},
    {"schema", 1u << SECTION_TOP | 1u << SECTION_SERVICE | 1u << SECTION_ENV, "anywhere"},
    {"dev", 1u << SECTION_TOP | 1u << SECTION_SERVICE | 1u << SECTION_ENV, "anywhere"},
};
enum { STRUCTURES = sizeof(structures) / sizeof(structures[0]) };

static const struct structure *
structure_of(const char *key)
{
    for (size_t i = 0; i < STRUCTURES; i++)
        if (strcmp(structures[i].name, key) == 0)
            return &structures[i];
    return NULL;
}

/* The key to write for a setting; NULL: godwit.yaml cannot say it. */
static const char *
key_of(const reader *r, const char *setting)
{
    const gw_setting_id id = gw_setting_find(gw_str_of(setting));
    if (id == GW_SETTING_CONFIG)
        return NULL;
    if (id == GW_SETTING_ENV || id == GW_SETTING_SERVICE)
        return id == GW_SETTING_ENV ? "envs" : "services";
    if (id == GW_SETTING_HOOK_TIMEOUT)
        return "hooks.timeout";
    return id >= GW_SETTING_BEFORE_UP && id < GW_SETTING_HOOK_TIMEOUT ? gw_printf(r->a, "hooks.%s", setting) : setting;
}

/* NULL: nothing is near. */
static const char *
suggest(const reader *r, gw_str key)
{
    const char *candidates[STRUCTURES + 1];
    const char *const setting = gw_setting_nearest(key);
    size_t count = 0;
    if (setting != NULL && gw_str_nearest(key, &setting, 1) == NULL)
        return key_of(r, setting); /* another tool's word for it */
    if (setting != NULL)
        candidates[count++] = setting;
    for (size_t i = 0; i < STRUCTURES; i++)
        candidates[count++] = structures[i].name;
    const char *const near = gw_str_nearest(key, candidates, count);
    return near == NULL ? NULL : key_of(r, near);
}

static gw_rc
fail_key(const reader *r, const gw_yaml *item, const struct structure *structure)
{
    if (structure != NULL) {
        (void)gw_fail(r->e, GODWIT_USAGE, "'%s' cannot stand here", item->key);
        (void)gw_err_hint(r->e, "it stands %s", structure->place);
        return at_key(r, item);
    }
    const char *const near = suggest(r, gw_str_of(item->key));
    (void)gw_fail(r->e, GODWIT_USAGE, "unknown key '%s'", item->key);
    if (near != NULL)
        (void)gw_err_hint(r->e, "did you mean '%s'?", near);
    (void)gw_err_hint(r->e, "keys are the options of the program, with '_' for '-'");
    return at_key(r, item);
}

static gw_rc read_section(const reader *r, section_kind kind, const gw_yaml *map, gw_project_section *out);

static gw_rc
read_sections(const reader *r, section_kind kind, const gw_yaml *map, gw_project_sections *out)
{
    for (size_t i = 0; i < map->items.len; i++) {
        const gw_yaml *const item = map->items.at[i];
        gw_project_section *const section = gw_new(r->a, gw_project_section);
        section->name = item->key;
        if (!item->is_null)
            GW_TRY(expect_map(r, item, gw_printf(r->a, "write %s: { url: … }", item->key)));
        GW_TRY(read_section(r, kind, item, section));
        *gw_vec_push(r->a, out) = section;
    }
    return GODWIT_OK;
}

static gw_rc
read_structure(const reader *r, const gw_yaml *item, gw_project_section *out)
{
    const bool is_other_readers = strcmp(item->key, "schema") == 0 || strcmp(item->key, "dev") == 0;
    if (item->is_null || is_other_readers)
        return GODWIT_OK;
    GW_TRY(expect_map(r, item, "write its keys below it, further indented"));
    if (strcmp(item->key, "hooks") == 0)
        return read_hooks(r, item, out);
    const bool is_envs = strcmp(item->key, "envs") == 0;
    return read_sections(r, is_envs ? SECTION_ENV : SECTION_SERVICE, item, is_envs ? &out->envs : &out->services);
}

static gw_rc
read_section(const reader *r, section_kind kind, const gw_yaml *map, gw_project_section *out)
{
    for (size_t i = 0; i < map->items.len; i++) {
        const gw_yaml *const item = map->items.at[i];
        const struct structure *const structure = structure_of(item->key);
        const gw_setting_id id = gw_setting_find(gw_str_of(item->key));
        const bool is_setting = id > GW_SETTING_SERVICE && id < GW_SETTING_BEFORE_UP;
        if (structure != NULL && (structure->sections & 1u << kind) != 0)
            GW_TRY(read_structure(r, item, out));
        else if (structure == NULL && is_setting)
            GW_TRY(read_setting(r, id, item, out));
        else
            return fail_key(r, item, structure);
    }
    return GODWIT_OK;
}

/* ---- the file ---- */

static const char *
folder_of(gw_arena *a, const char *path)
{
    const char *const slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    return slash == path ? "/" : gw_strdup(a, (gw_str){path, (size_t)(slash - path)});
}

gw_rc
gw_project_read(gw_arena *a, const char *path, gw_project *out, gw_err *e)
{
    gw_yaml *root = NULL;
    const reader r = {.a = a, .project = out, .e = e};
    *out = (gw_project){.path = path, .folder = folder_of(a, path), .top = gw_new(a, gw_project_section)};
    GW_TRY(gw_file_read(a, path, GW_YAML_BYTES_MAX, &out->text, e));
    out->text = gw_place_body(out->text);
    GW_TRY(gw_yaml_parse(a, path, out->text, &root, e));
    if (root == NULL || root->is_null)
        return GODWIT_OK;
    if (root->kind != GW_YAML_MAP) {
        (void)gw_fail(e, GODWIT_USAGE, "the configuration must be a map of settings");
        (void)gw_err_hint(e, "write key: value");
        return at_value(&r, root);
    }
    return read_section(&r, SECTION_TOP, root, out->top);
}

const gw_project_section *
gw_project_env(const gw_project_section *of, gw_str name)
{
    for (size_t i = 0; of != NULL && i < of->envs.len; i++)
        if (gw_str_is(name, of->envs.at[i]->name))
            return of->envs.at[i];
    return NULL;
}

const gw_project_section *
gw_project_service(const gw_project_section *of, gw_str name)
{
    for (size_t i = 0; of != NULL && i < of->services.len; i++)
        if (gw_str_is(name, of->services.at[i]->name))
            return of->services.at[i];
    return NULL;
}
