#include "migration/renumber.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "migration/layouts.h"
#include "migration/version.h"

typedef struct numbering {
    const gw_renumber_params *p;
    gw_arena *arena;
    gw_called *all;
    size_t count; /* of those that have a version */
} numbering;

static bool
has_version(const numbering *n, size_t i)
{
    return !n->p->left_out[i] && n->p->folder->files.at[i].kind != GW_FILE_REPEATABLE;
}

/* ---- versions ---- */

/* Could the new layout have this one? */
static bool
is_possible(gw_layout_versions versions, const char *version)
{
    const size_t len = strlen(version);
    if (versions == GW_VERSIONS_ANY)
        return true;
    if (versions == GW_VERSIONS_TIMES)
        return gw_version_is_timestamp(gw_str_of(version));
    if (versions != GW_VERSIONS_DOTTED)
        return len > 0 && strspn(version, "0123456789") == len;
    return len > 0 && strspn(version, "0123456789.") == len && version[0] != '.' && version[len - 1] != '.' &&
           strstr(version, "..") == NULL && strspn(version, "0.") < len;
}

static bool
leaves_gap(const char *before, const char *version)
{
    const gw_str x = gw_str_of(before), y = gw_str_of(version);
    return gw_version_is_sequence(x) && gw_version_is_sequence(y) &&
           strtoul(version, NULL, 10) > strtoul(before, NULL, 10) + 1;
}

/* Could it have all of them, as they are, in this order? */
static bool
can_stay(const numbering *n)
{
    const gw_layout *const to = n->p->to;
    const gw_layout_versions kind = to->versions;
    const bool counts = kind == GW_VERSIONS_FROM_ONE;
    const bool no_gaps = counts || (!to->has_gaps && !to->keeps_order && !n->p->allow_gaps);
    const char *before = NULL;
    for (size_t i = 0; i < n->p->folder->files.len; i++) {
        const char *const version = n->p->folder->files.at[i].version;
        if (!has_version(n, i))
            continue;
        if (!is_possible(kind, version))
            return false;
        if (before == NULL && counts && gw_version_compare(gw_str_of(version), GW_STR_LIT("1")) != 0)
            return false;
        if (before != NULL && kind != GW_VERSIONS_ANY &&
            (gw_version_compare(gw_str_of(before), gw_str_of(version)) >= 0 ||
             (no_gaps && leaves_gap(before, version))))
            return false;
        before = version;
    }
    return true;
}

static void
keep_versions(numbering *n)
{
    size_t width = 0;
    const bool is_padded = n->p->to->versions != GW_VERSIONS_ANY && n->p->to->versions != GW_VERSIONS_DOTTED;
    for (size_t i = 0; is_padded && i < n->p->folder->files.len; i++) {
        const size_t len = strlen(n->p->folder->files.at[i].version);
        width = has_version(n, i) && len > width ? len : width;
    }
    for (size_t i = 0; i < n->p->folder->files.len; i++) {
        const char *const version = n->p->folder->files.at[i].version;
        gw_buf padded = gw_buf_new(n->arena);
        for (size_t len = strlen(version); len < width; len++)
            gw_buf_putc(&padded, '0');
        gw_buf_puts(&padded, version);
        if (has_version(n, i))
            n->all[i].version = gw_buf_text(&padded);
    }
}

static void
count_anew(numbering *n)
{
    const gw_layout *const to = n->p->to;
    const bool is_time = to->versions == GW_VERSIONS_TIMES;
    int width = to->first != NULL ? (int)strlen(to->first) : 4;
    size_t number = 0;
    const char *time = "20000101000000";
    const int needed = (int)strlen(gw_printf(n->arena, "%zu", n->count));
    width = needed > width ? needed : width;
    for (size_t i = 0; i < n->p->folder->files.len; i++) {
        if (!has_version(n, i))
            continue;
        time = is_time ? gw_version_second_after(n->arena, gw_str_of(time)) : time;
        n->all[i].version = is_time ? time : gw_printf(n->arena, "%0*zu", width, ++number);
        n->all[i].is_new =
            gw_version_compare(gw_str_of(n->all[i].version), gw_str_of(n->p->folder->files.at[i].version)) != 0;
    }
}

/* ---- names ---- */

static bool
is_kept(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
           c == '_' || c == '-';
}

/* "Adds users." → "Adds_users" */
static char *
file_name_of(gw_arena *a, const char *words)
{
    gw_buf out = gw_buf_new(a);
    bool gap = false;
    for (const char *c = words; *c != '\0'; c++) {
        const bool is_good = is_kept(*c) && (out.len > 0 || (*c != '_' && *c != '-'));
        if (is_good && gap)
            gw_buf_putc(&out, '_');
        if (is_good)
            gw_buf_putc(&out, *c);
        gap = !is_good && out.len > 0 && !is_kept(*c);
    }
    return out.len == 0 ? gw_text(a, "migration") : gw_strdup(a, gw_buf_str(&out));
}

/* Where a migration is known by its name alone, each has one of its own. */
static void
make_distinct(numbering *n)
{
    GW_SCOPE(scratch);
    gw_map *const known = gw_map_new(scratch);
    for (size_t i = 0; i < n->p->folder->files.len; i++) {
        gw_called *const one = &n->all[i];
        if (!has_version(n, i))
            continue;
        const char *const plain = one->name;
        for (size_t number = 2; gw_map_has(known, gw_str_of(one->name)); number++)
            one->name = gw_printf(n->arena, "%s_%zu", plain, number);
        gw_map_put(known, gw_str_of(one->name), one);
        one->version = one->name;
        one->is_new = strcmp(one->name, n->p->folder->files.at[i].version) != 0;
    }
}

static void
name_all(numbering *n)
{
    const bool is_by_name = n->p->folder->layout->versions == GW_VERSIONS_NAMES;
    for (size_t i = 0; i < n->p->folder->files.len; i++) {
        const gw_file *const file = &n->p->folder->files.at[i];
        gw_called *const one = &n->all[i];
        if (n->p->left_out[i])
            continue;
        one->name = file_name_of(n->arena, is_by_name ? file->version : file->name);
        if (one->version != NULL && !gw_layout_has_name(n->p->to, one->version, one->name))
            one->name = gw_printf(n->arena, "%s_migration", one->name);
    }
}

gw_called *
gw_renumber(gw_arena *a, const gw_renumber_params *p)
{
    numbering n = {.p = p, .arena = a, .all = gw_new_array(a, gw_called, p->folder->files.len)};
    for (size_t i = 0; i < p->folder->files.len; i++)
        n.count += has_version(&n, i);
    if (p->to->versions != GW_VERSIONS_NAMES && can_stay(&n))
        keep_versions(&n);
    else if (p->to->versions != GW_VERSIONS_NAMES)
        count_anew(&n);
    name_all(&n);
    if (p->to->versions == GW_VERSIONS_NAMES)
        make_distinct(&n);
    return n.all;
}
