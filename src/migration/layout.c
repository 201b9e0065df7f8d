#include "migration/layout.h"

#include <string.h>

static gw_name
wrong(const char *reason)
{
    return (gw_name){.kind = GW_NAME_WRONG, .reason = reason};
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What every layout has in common: hidden, foreign, suffix, "<digits>_<name>". An UP so far; `name` is the rest before
 * ".sql". */
static gw_name
read_common(gw_str file)
{
    if (gw_str_starts(file, "."))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (file.len < 4 || !gw_str_is_nocase(gw_str_slice(file, file.len - 4, file.len), ".sql"))
        return (gw_name){.kind = GW_NAME_FOREIGN};
    if (!gw_str_ends(file, ".sql"))
        return wrong("the suffix is '.sql', in lower case");
    const gw_str stem = gw_str_slice(file, 0, file.len - 4);
    size_t digits = 0;
    while (digits < stem.len && is_digit(stem.ptr[digits]))
        digits++;
    if (digits == 0)
        return wrong("its name does not begin with a version number");
    if (digits == stem.len)
        return wrong("a name is missing after the version number: '_' and a few words");
    if (stem.ptr[digits] != '_')
        return wrong("'_' must follow the version number");
    return (gw_name){
        .kind = GW_NAME_UP, .version = gw_str_slice(stem, 0, digits), .name = gw_str_slice(stem, digits + 1, stem.len)};
}

/* Take `suffix` off the name; false when the name does not end so. */
static bool
strip(gw_str *name, const char *suffix)
{
    if (!gw_str_ends(*name, suffix))
        return false;
    name->len -= strlen(suffix);
    return true;
}

static gw_name
check_name(gw_name n)
{
    if (n.name.len == 0)
        return wrong("there is no name between the version number and the suffix");
    if (n.name.ptr[0] == '.' || gw_str_ends(n.name, "."))
        return wrong("it has a dot too many");
    return n;
}

static gw_name
read_native(gw_str file)
{
    gw_name n = read_common(file);
    if (n.kind != GW_NAME_UP)
        return n;
    if (gw_str_ends(n.name, ".up"))
        return wrong("'.up.sql' belongs to the layout up-down");
    if (gw_str_is(n.name, "down"))
        return wrong("it is read neither as a down file nor as a migration named 'down'");
    if (strip(&n.name, "_down") || strip(&n.name, ".down"))
        n.kind = GW_NAME_DOWN;
    return check_name(n);
}

static gw_name
read_up_down(gw_str file)
{
    gw_name n = read_common(file);
    if (n.kind != GW_NAME_UP)
        return n;
    if (strip(&n.name, ".down"))
        n.kind = GW_NAME_DOWN;
    else if (!strip(&n.name, ".up"))
        return wrong("in the layout up-down a file ends in '.up.sql' or '.down.sql'");
    return check_name(n);
}

static char *
make_native(gw_arena *a, const char *version, const char *name, bool down)
{
    return gw_printf(a, "%s_%s%s.sql", version, name, down ? "_down" : "");
}

static char *
make_up_down(gw_arena *a, const char *version, const char *name, bool down)
{
    return gw_printf(a, "%s_%s.%s.sql", version, name, down ? "down" : "up");
}

const gw_layout gw_layouts[] = {
    {"native", "0001_create_users.sql", true, read_native, make_native},
    {"up-down", "000001_create_users.up.sql", false, read_up_down, make_up_down},
};
const size_t gw_layout_count = sizeof(gw_layouts) / sizeof(gw_layouts[0]);

const gw_layout *
gw_layout_find(const char *name)
{
    for (size_t i = 0; i < gw_layout_count; i++)
        if (strcmp(gw_layouts[i].name, name) == 0)
            return &gw_layouts[i];
    return NULL;
}

/* The first file that the layout reads as an up file; NULL none. Down files tell nothing: layouts share a spelling. */
static const char *
first_up(const gw_layout *l, const gw_dir_entries *entries)
{
    for (size_t i = 0; i < entries->len; i++)
        if (!entries->at[i].is_dir && l->read(gw_str_of(entries->at[i].name)).kind == GW_NAME_UP)
            return entries->at[i].name;
    return NULL;
}

gw_rc
gw_layout_detect(const char *dir, const gw_dir_entries *entries, const gw_layout **out, gw_err *e)
{
    const gw_layout *found = NULL;
    const char *found_by = NULL;
    for (size_t i = 0; i < gw_layout_count; i++) {
        const char *const file = first_up(&gw_layouts[i], entries);
        if (file == NULL)
            continue;
        if (found != NULL) {
            (void)gw_fail(e, GODWIT_FOLDER, "%s holds two layouts: %s is %s, %s is %s", dir, found_by, found->name,
                          file, gw_layouts[i].name);
            gw_err_copy(e->path, sizeof(e->path), gw_str_of(dir));
            return gw_err_hint(e, "rename the files of one, or say which it is: `layout: %s` or `layout: %s`",
                               found->name, gw_layouts[i].name);
        }
        found = &gw_layouts[i];
        found_by = file;
    }
    *out = found == NULL ? &gw_layouts[0] : found;
    return GODWIT_OK;
}
