/*
 * fuzz_layout - the index files and marks of layouts: whatever comes, an answer or an error with its place.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/json_read.h"
#include "migration/keyfile.h"
#include "migration/layouts.h"
#include "migration/sqitch_plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_error(const gw_err *e)
{
    assert(e->rc == GODWIT_FOLDER && e->message[0] != '\0' && e->line > 0 && e->column > 0);
    assert(gw_str_utf8_valid(gw_str_of(e->message)) == strlen(e->message));
}

/* Every value lies within the one that holds it, behind the one before it. */
static void
check_json(const gw_json_node *n, size_t from, size_t to)
{
    assert(n->key_offset >= from && n->offset >= n->key_offset && n->end >= n->offset && n->end <= to);
    size_t behind = n->offset;
    for (size_t i = 0; i < n->items.len; i++) {
        check_json(n->items.at[i], behind, n->end);
        behind = n->items.at[i]->end;
    }
}

static void
try_json(gw_arena *a, gw_str text)
{
    gw_json_node *root;
    gw_err e = {0};
    if (gw_json_read(a, "x.json", text, &root, &e) == GODWIT_OK)
        check_json(root, 0, text.len);
    else
        check_error(&e);
}

static void
try_lines(gw_arena *a, gw_str text)
{
    gw_keyfile f;
    gw_sqitch_plan plan;
    gw_err key = {0}, change = {0};
    if (gw_keyfile_read(a, "x.conf", text, &f, &key) != GODWIT_OK)
        check_error(&key);
    if (gw_sqitch_plan_read(a, "sqitch.plan", text, &plan, &change) != GODWIT_OK) {
        check_error(&change);
        return;
    }
    for (size_t i = 0; i < plan.changes.len; i++)
        assert(plan.changes.at[i].next > i && plan.changes.at[i].offset < text.len);
}

/* A frame is as long as the text, and its lines are where they were. */
static void
try_frames(gw_arena *a, gw_str text)
{
    static const gw_dialect dialect = {.kind = GW_DIALECT_POSTGRES};
    for (size_t i = 0; i < gw_layout_count; i++) {
        const gw_frame_params p = {.path = "x.sql", .text = text, .dialect = &dialect};
        gw_frame f;
        gw_err e = {0};
        if (gw_frame_read(a, gw_layouts[i]->frame, &p, &f, &e) != GODWIT_OK) {
            assert(e.rc == GODWIT_FOLDER && e.message[0] != '\0');
            continue;
        }
        assert(!f.is_there || f.text.len == text.len);
        for (size_t k = 0; f.is_there && k < text.len; k++)
            assert((f.text.ptr[k] == '\n') == (text.ptr[k] == '\n'));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GW_SCOPE(a);
    const gw_str text = gw_str_of(gw_strdup(a, (gw_str){(const char *)data, size}));
    try_json(a, (gw_str){text.ptr, size});
    try_lines(a, (gw_str){text.ptr, size});
    try_frames(a, (gw_str){text.ptr, size});
    return 0;
}
