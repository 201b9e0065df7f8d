#include "migration/sqitch_plan.h"

#include <string.h>

#include "base/map.h"

typedef struct reader {
    gw_arena *a;
    gw_sqitch_plan *plan;
    gw_map *changes; /* name → index + 1 of its newest instance, as a pointer */
    gw_map *tags;    /* "@v1" → anything */
    gw_err *e;
} reader;

GW_PRINTF(3, 4)
static gw_rc
wrong(const reader *r, gw_str where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)gw_vfail(r->e, GODWIT_FOLDER, format, args);
    va_end(args);
    return gw_err_at(r->e, r->plan->path, r->plan->text, (size_t)(where.ptr - r->plan->text.ptr));
}

/* Index of the newest instance so far; SIZE_MAX: none. */
static size_t
find_change(const reader *r, gw_str name)
{
    const size_t *const index = gw_map_get(r->changes, name);
    return index == NULL ? SIZE_MAX : *index;
}

/* ---- a line ---- */

/* The word at the beginning; *rest goes on behind the blanks that follow. */
static gw_str
take_word(gw_str *rest)
{
    size_t end = 0;
    while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t')
        end++;
    const gw_str word = gw_str_slice(*rest, 0, end);
    *rest = gw_str_trim(gw_str_slice(*rest, end, rest->len));
    return word;
}

static bool
is_time(gw_str word)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    if (word.len != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (form[i] == '0' ? word.ptr[i] < '0' || word.ptr[i] > '9' : word.ptr[i] != form[i])
            return false;
    return true;
}

/* "2013-12-30T23:49:00Z Marge <marge@example.com> # note" */
static gw_rc
read_stamp(const reader *r, gw_str rest, gw_str line, gw_str *note)
{
    const gw_str time = take_word(&rest);
    if (!is_time(time))
        return wrong(r, time.len > 0 ? time : line, "a time was expected here: YYYY-MM-DDTHH:MM:SSZ");
    const char *const open = memchr(rest.ptr, '<', rest.len);
    const char *const end = open == NULL ? NULL : memchr(open, '>', (size_t)(rest.ptr + rest.len - open));
    if (end == NULL)
        return wrong(r, time, "who planned it was expected behind the time: NAME <EMAIL>");
    *note = gw_str_trim((gw_str){end + 1, (size_t)(rest.ptr + rest.len - end - 1)});
    if (note->len > 0 && note->ptr[0] != '#')
        return wrong(r, *note, "'# note' or the end of the line was expected");
    *note = note->len == 0 ? *note : gw_str_trim(gw_str_slice(*note, 1, note->len));
    return GODWIT_OK;
}

static bool
is_name(gw_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (strchr("@:#\\[]", name.ptr[i]) != NULL || (unsigned char)name.ptr[i] <= ' ')
            return false;
    return name.len > 0 && name.ptr[0] != '/' && name.ptr[0] != '.' && name.ptr[name.len - 1] != '/';
}

/* ---- dependencies ---- */

static gw_rc
check_dependency(const reader *r, gw_str said)
{
    gw_str name, tag, other;
    const bool is_conflict = said.ptr[0] == '!';
    gw_str rest = is_conflict ? gw_str_slice(said, 1, said.len) : said;
    const gw_str project = gw_str_cut(rest, ':', &other);
    if (other.ptr != NULL && project.len > 0 && !gw_str_is(project, r->plan->project)) {
        (void)wrong(r, said, "this needs what the project %.*s has, which godwit cannot look at", GW_STR_ARG(project));
        return gw_err_hint(r->e, "see that it is there, and take the dependency out");
    }
    rest = other.ptr != NULL ? other : rest;
    name = gw_str_cut(rest, '@', &tag);
    const bool is_tag_known =
        tag.ptr == NULL || gw_str_is(tag, "HEAD") || gw_str_is(tag, "ROOT") || gw_map_has(r->tags, tag);
    const bool is_there = is_tag_known && (name.len == 0 ? tag.ptr != NULL : find_change(r, name) != SIZE_MAX);
    if (is_there == !is_conflict)
        return GODWIT_OK;
    if (is_conflict)
        return wrong(r, said, "this conflicts with %.*s, which is planned before it", GW_STR_ARG(rest));
    return wrong(r, said, "this needs %.*s, which is not planned before it", GW_STR_ARG(rest));
}

/* "[a !b]" at the beginning of *rest, or nothing. */
static gw_rc
read_dependencies(const reader *r, gw_str *rest)
{
    if (!gw_str_starts(*rest, "["))
        return GODWIT_OK;
    const char *const end = memchr(rest->ptr, ']', rest->len);
    if (end == NULL)
        return wrong(r, *rest, "']' is missing");
    gw_str list = gw_str_trim((gw_str){rest->ptr + 1, (size_t)(end - rest->ptr - 1)});
    while (list.len > 0)
        GW_TRY(check_dependency(r, take_word(&list)));
    *rest = gw_str_trim((gw_str){end + 1, (size_t)(rest->ptr + rest->len - end - 1)});
    return GODWIT_OK;
}

/* ---- the three kinds of lines ---- */

static gw_rc
read_pragma(const reader *r, gw_str line)
{
    gw_str value;
    const gw_str key = gw_str_trim(gw_str_cut(gw_str_slice(line, 1, line.len), '=', &value));
    value = gw_str_trim(value);
    if (gw_str_is(key, "project"))
        r->plan->project = gw_strdup(r->a, value);
    else if (gw_str_is(key, "syntax-version") && !gw_str_starts(value, "1.0.0"))
        return wrong(r, line, "godwit knows the plan's syntax 1.0.0, and this is another");
    else if (!gw_str_is(key, "syntax-version") && !gw_str_is(key, "uri"))
        return wrong(r, line, "there is no pragma '%.*s': syntax-version, project or uri was expected",
                     GW_STR_ARG(key));
    return GODWIT_OK;
}

static gw_rc
read_tag(const reader *r, gw_str line)
{
    gw_str rest = line, note = {0};
    const gw_str word = take_word(&rest);
    const gw_str tag = gw_str_slice(word, 1, word.len);
    const size_t count = r->plan->changes.len;
    if (!is_name(tag))
        return wrong(r, line, "this is no name of a tag");
    if (count == 0)
        return wrong(r, line, "a tag belongs to the change before it, and there is none");
    if (gw_map_has(r->tags, tag))
        return wrong(r, line, "the tag @%.*s is there already", GW_STR_ARG(tag));
    GW_TRY(read_stamp(r, rest, line, &note));
    gw_sqitch_change *const change = &r->plan->changes.at[count - 1];
    const char *const name = gw_strdup(r->a, tag);
    gw_map_put(r->tags, tag, change);
    *gw_vec_push(r->a, &change->tags) = name;
    return GODWIT_OK;
}

static bool
has_tag_since(const gw_sqitch_plan *plan, size_t from)
{
    for (size_t i = from; i < plan->changes.len; i++)
        if (plan->changes.at[i].tags.len > 0)
            return true;
    return false;
}

static gw_rc
read_change(const reader *r, gw_str line)
{
    gw_str rest = line, note = {0};
    gw_sqitch_plan *const plan = r->plan;
    gw_str name = take_word(&rest);
    if (name.len > 0 && name.ptr[0] == '-')
        return wrong(r, line, "a change that is reverted by the plan: godwit only deploys by it");
    name = name.len > 0 && name.ptr[0] == '+' ? gw_str_slice(name, 1, name.len) : name;
    if (!is_name(name))
        return wrong(r, line, "this is no name of a change");
    GW_TRY(read_dependencies(r, &rest));
    GW_TRY(read_stamp(r, rest, line, &note));
    const size_t before = find_change(r, name);
    if (before != SIZE_MAX && !has_tag_since(plan, before)) {
        (void)wrong(r, line, "the change %.*s comes twice, and there is no tag between", GW_STR_ARG(name));
        return gw_err_hint(r->e, "a change is reworked behind a tag: `sqitch tag`, then `sqitch rework`");
    }
    size_t *const index = gw_new(r->a, size_t);
    *index = plan->changes.len;
    *gw_vec_push(r->a, &plan->changes) =
        (gw_sqitch_change){.name = gw_strdup(r->a, name),
                           .note = gw_strdup(r->a, note),
                           .instance = before == SIZE_MAX ? 1 : plan->changes.at[before].instance + 1,
                           .next = SIZE_MAX,
                           .offset = (size_t)(line.ptr - plan->text.ptr)};
    if (before != SIZE_MAX)
        plan->changes.at[before].next = *index;
    gw_map_put(r->changes, name, index);
    return GODWIT_OK;
}

static gw_rc
read_line(const reader *r, gw_str line)
{
    if (line.len == 0 || line.ptr[0] == '#')
        return GODWIT_OK;
    if (line.ptr[0] == '%')
        return read_pragma(r, line);
    if (r->plan->project == NULL)
        return wrong(r, line, "'%%project=NAME' was expected above the first change");
    return line.ptr[0] == '@' ? read_tag(r, line) : read_change(r, line);
}

gw_rc
gw_sqitch_plan_read(gw_arena *a, const char *path, gw_str text, gw_sqitch_plan *out, gw_err *e)
{
    GW_SCOPE(scratch);
    *out = (gw_sqitch_plan){.path = path, .text = text};
    const reader r = {a, out, gw_map_new(scratch), gw_map_new(scratch), e};
    for (gw_str rest = text; rest.ptr != NULL;)
        GW_TRY(read_line(&r, gw_str_trim(gw_str_cut(rest, '\n', &rest))));
    return GODWIT_OK;
}
