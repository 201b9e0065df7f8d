#include "config/yaml.h"

#include <string.h>

#include "base/map.h"
#include "config/library.h"
#include "config/place.h"
#include "config/scalar.h"

typedef struct spot {
    unsigned line, column;
    size_t offset;
} spot;

/* A list or map that is open. */
typedef struct level {
    gw_yaml *node;
    gw_map *keys;       /* of a map: key → item */
    const char *anchor; /* NULL none */
    size_t nodes;       /* of the document before this one */
    unsigned height;    /* levels below */
} level;

/* What an anchor names. */
typedef struct anchored {
    gw_yaml *node;
    size_t nodes;
    unsigned height;
} anchored;

typedef struct builder {
    gw_arena *a;
    const char *path;
    gw_str text;
    gw_str hidden; /* the same with the braces of references hidden: what libfyaml sees */
    level levels[GW_YAML_DEPTH_MAX];
    unsigned depth;
    const char *key; /* read, and its value is still to come; NULL none */
    spot key_spot;
    gw_map *anchors;
    size_t nodes; /* with aliases followed */
    gw_yaml *root;
    bool complete;
    gw_err *e;
} builder;

static gw_rc
wrong(const builder *b, size_t offset, size_t shown, const char *problem, const char *hint)
{
    (void)gw_fail(b->e, GODWIT_USAGE, "%s", problem);
    (void)gw_err_hint(b->e, "%s", hint);
    return gw_place(b->e, GW_PLACE_YAML, b->path, b->text, offset, shown);
}

/* NULL: there is no token. */
static const char *
token_text(gw_arena *a, struct fy_token *token)
{
    size_t len = 0;
    if (token == NULL)
        return NULL;
    const char *const text = fy_token_get_text(token, &len);
    return gw_scalar_reveal(a, (gw_str){text, len}); /* NULL has the length 0 */
}

static bool
holds(gw_str text, const char *what)
{
    return memmem(text.ptr, text.len, what, strlen(what)) != NULL;
}

/* What libfyaml 0.7 reads wrongly, or nobody can store; NULL: nothing. *hint says how to write it. */
static const char *
problem_of(enum fy_scalar_style style, gw_str raw, gw_str text, const char **hint)
{
    const bool is_indented = holds(text, "\n ") || holds(text, "\n\t");
    *hint = "leave the escape out";
    if (gw_str_utf8_valid(text) < text.len || gw_scalar_hidden(text) != gw_scalar_hidden(raw))
        return "an escape that stands for no character";
    *hint = "write it in one line, or as a block of lines: key: |";
    if (style == FYSS_DOUBLE_QUOTED && holds(raw, "\n") && holds(raw, "\\"))
        return "a text in double quotes over several lines, with escapes";
    if (style == FYSS_FOLDED && (is_indented || gw_str_starts(text, " ") || gw_str_starts(text, "\t")))
        return "a folded text ('>') with lines that are further indented";
    return NULL;
}

/* An absent key or value is an event without a token. */
static gw_rc
read_text(const builder *b, struct fy_event *event, const char **out)
{
    struct fy_token *const token = event->scalar.value;
    *out = "";
    if (token == NULL)
        return GODWIT_OK;
    const enum fy_scalar_style style = fy_scalar_token_get_style(token);
    const size_t begin = fy_token_start_mark(token)->input_pos, end = fy_token_end_mark(token)->input_pos;
    if (style == FYSS_SINGLE_QUOTED) {
        *out = gw_scalar_unquote(b->a, gw_str_slice(b->text, begin, end));
        return GODWIT_OK;
    }
    size_t len = 0;
    const char *const text = fy_token_get_text(token, &len);
    const char *hint = NULL;
    const char *const problem = problem_of(style, gw_str_slice(b->hidden, begin, end), (gw_str){text, len}, &hint);
    if (problem != NULL)
        return wrong(b, begin, 0, problem, hint);
    *out = gw_scalar_reveal(b->a, (gw_str){text, len});
    return GODWIT_OK;
}

/* A value that is absent has no place of its own: its key's. */
static spot
spot_of(const builder *b, struct fy_event *event)
{
    const struct fy_mark *const mark = fy_event_start_mark(event);
    return mark == NULL ? b->key_spot : (spot){(unsigned)mark->line + 1, (unsigned)mark->column + 1, mark->input_pos};
}

static level *
top(builder *b)
{
    return b->depth == 0 ? NULL : &b->levels[b->depth - 1];
}

static bool
wants_key(builder *b)
{
    return b->depth > 0 && top(b)->keys != NULL && b->key == NULL;
}

/* ---- nodes ---- */

static gw_rc
admit(builder *b, size_t more, unsigned height, spot at)
{
    if (b->depth == 0 && b->root != NULL)
        return wrong(b, at.offset, 0, "a second document begins here", "keep one, without a line of '---' or '...'");
    if (b->depth + height > GW_YAML_DEPTH_MAX)
        return wrong(b, at.offset, 0, "this is nested deeper than 32 levels", "nest less");
    b->nodes += more;
    if (b->nodes > GW_YAML_NODES_MAX)
        return wrong(b, at.offset, 0, "more than 100,000 values, with aliases followed", "use fewer aliases");
    return GODWIT_OK;
}

/* Becomes the value of the key that waits, or the next item of the list that is open, or the root. */
static void
attach(builder *b, gw_yaml *node, spot value, unsigned height)
{
    level *const parent = top(b);
    const spot own = b->key != NULL ? b->key_spot : value;
    node->key = b->key;
    node->line = own.line;
    node->column = own.column;
    node->offset = own.offset;
    node->value_offset = value.offset;
    if (parent == NULL) {
        b->root = node;
        return;
    }
    if (parent->keys != NULL)
        gw_map_put(parent->keys, gw_str_of(b->key), node);
    *gw_vec_push(b->a, &parent->node->items) = node;
    parent->height = parent->height < height ? height : parent->height;
    b->key = NULL;
}

static void
remember(builder *b, const char *anchor, gw_yaml *node, size_t nodes, unsigned height)
{
    if (anchor == NULL)
        return;
    anchored *const entry = gw_new(b->a, anchored);
    *entry = (anchored){node, nodes, height};
    gw_map_put(b->anchors, gw_str_of(anchor), entry);
}

/* NULL unless the application's own. */
static const char *
tag_of(const builder *b, struct fy_event *event)
{
    const char *const tag = token_text(b->a, fy_event_get_tag_token(event));
    const bool is_yaml = tag != NULL && (strncmp(tag, "tag:yaml.org,2002:", 18) == 0 || strcmp(tag, "!") == 0);
    return is_yaml ? NULL : tag;
}

static bool
is_null(const char *text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

/* ---- events ---- */

static gw_rc
on_key(builder *b, struct fy_event *event)
{
    const spot at = spot_of(b, event);
    const char *key = NULL;
    GW_TRY(read_text(b, event, &key));
    if (*key == '\0')
        return wrong(b, at.offset, 0, "a key is missing here", "write key: value");
    const gw_yaml *const first = gw_map_get(top(b)->keys, gw_str_of(key));
    if (first != NULL) {
        (void)gw_fail(b->e, GODWIT_USAGE, "the key '%s' is given twice, first in line %u", key, first->line);
        (void)gw_err_hint(b->e, "remove one of the two");
        return gw_place(b->e, GW_PLACE_YAML, b->path, b->text, at.offset, gw_str_utf8_count(gw_str_of(key)));
    }
    b->key = key;
    b->key_spot = at;
    return GODWIT_OK;
}

static gw_rc
on_scalar(builder *b, struct fy_event *event)
{
    if (wants_key(b))
        return on_key(b, event);
    const spot at = spot_of(b, event);
    const char *text = NULL;
    GW_TRY(read_text(b, event, &text));
    const enum fy_scalar_style style = fy_scalar_token_get_style(event->scalar.value);
    gw_yaml *const node = gw_new(b->a, gw_yaml);
    node->kind = GW_YAML_SCALAR;
    node->tag = tag_of(b, event);
    node->is_null = (style == FYSS_PLAIN || style == FYSS_ANY) && is_null(text);
    node->value = node->is_null ? "" : text;
    GW_TRY(admit(b, 1, 0, at));
    attach(b, node, at, 0);
    remember(b, token_text(b->a, event->scalar.anchor), node, 1, 0);
    return GODWIT_OK;
}

static gw_rc
on_open(builder *b, struct fy_event *event, gw_yaml_kind kind)
{
    const spot at = spot_of(b, event);
    if (wants_key(b))
        return wrong(b, at.offset, 0, "a key must be text, not a list or map",
                     "put a value that begins with [ or { in quotes");
    gw_yaml *const node = gw_new(b->a, gw_yaml);
    node->kind = kind;
    node->tag = tag_of(b, event);
    GW_TRY(admit(b, 1, 1, at));
    attach(b, node, at, 0);
    b->levels[b->depth++] = (level){.node = node,
                                    .keys = kind == GW_YAML_MAP ? gw_map_new(b->a) : NULL,
                                    .anchor = token_text(b->a, fy_event_get_anchor_token(event)),
                                    .nodes = b->nodes - 1};
    return GODWIT_OK;
}

/* What `source` says and the map does not yet. */
static gw_rc
merge_map(builder *b, level *into, const gw_yaml *source, const gw_yaml *merge)
{
    if (source->kind != GW_YAML_MAP)
        return wrong(b, merge->offset, 2, "'<<' merges a map or a list of maps",
                     "give it an alias of a map: <<: *name");
    for (size_t i = 0; i < source->items.len; i++) {
        gw_yaml *const item = source->items.at[i];
        if (gw_map_has(into->keys, gw_str_of(item->key)))
            continue;
        gw_map_put(into->keys, gw_str_of(item->key), item);
        *gw_vec_push(b->a, &into->node->items) = item;
    }
    return GODWIT_OK;
}

static gw_rc
merge(builder *b, level *into)
{
    const gw_yaml *const item = into->keys == NULL ? NULL : gw_map_get(into->keys, GW_STR_LIT("<<"));
    if (item == NULL)
        return GODWIT_OK;
    size_t kept = 0;
    for (size_t i = 0; i < into->node->items.len; i++)
        if (into->node->items.at[i] != item)
            into->node->items.at[kept++] = into->node->items.at[i];
    into->node->items.len = kept;
    if (item->kind != GW_YAML_LIST)
        return merge_map(b, into, item, item);
    for (size_t i = 0; i < item->items.len; i++)
        GW_TRY(merge_map(b, into, item->items.at[i], item));
    return GODWIT_OK;
}

static gw_rc
on_close(builder *b)
{
    level *const closed = top(b);
    GW_TRY(merge(b, closed));
    b->depth--;
    const unsigned height = closed->height + 1;
    if (b->depth > 0 && top(b)->height < height)
        top(b)->height = height;
    remember(b, closed->anchor, closed->node, b->nodes - closed->nodes, height);
    return GODWIT_OK;
}

static gw_rc
on_alias(builder *b, struct fy_event *event)
{
    const spot at = spot_of(b, event);
    const char *const name = token_text(b->a, event->alias.anchor);
    const anchored *const target = gw_map_get(b->anchors, gw_str_of(name));
    if (wants_key(b))
        return wrong(b, at.offset, 0, "a key must be text, not an alias", "put a value that begins with * in quotes");
    if (target == NULL)
        return wrong(b, at.offset, 0, "no anchor of this name comes before this alias",
                     "put a value that begins with * in quotes; an anchor is written &name");
    GW_TRY(admit(b, target->nodes, target->height, at));
    gw_yaml *const node = gw_new(b->a, gw_yaml);
    *node = *target->node; /* shares the items */
    attach(b, node, at, target->height);
    return GODWIT_OK;
}

static gw_rc
on_event(builder *b, struct fy_event *event)
{
    switch (event->type) { /* uncovered: the library knows no other events */
    case FYET_MAPPING_START:
        return on_open(b, event, GW_YAML_MAP);
    case FYET_SEQUENCE_START:
        return on_open(b, event, GW_YAML_LIST);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return on_close(b);
    case FYET_SCALAR:
        return on_scalar(b, event);
    case FYET_ALIAS:
        return on_alias(b, event);
    case FYET_STREAM_END:
        b->complete = true;
        return GODWIT_OK;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_DOCUMENT_START:
    case FYET_DOCUMENT_END:
        break;
    }
    return GODWIT_OK;
}

/* ---- the library ---- */

static size_t
offset_of(gw_str text, int line, int column)
{
    size_t at = 0;
    for (; line > 1 && at < text.len; at++)
        line -= text.ptr[at] == '\n';
    for (; column > 1 && at < text.len; column--) /* uncovered: no fault lies behind the end */
        do
            at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80);
    return at;
}

/* What the library says, for people. A message of its own that quotes the document is not repeated. */
typedef struct explanation {
    const char *word;    /* in the library's message */
    const char *problem; /* NULL: as the library says it */
    const char *hint;
} explanation;

static explanation
explain(const char *message)
{
    static const explanation rows[] = {
        {"cannot start", "a value cannot begin with this character", "put the value in quotes"},
        {"nested block", "a ': ' within a value", "put the value in quotes"},
        {"escape", "an escape that YAML does not know",
         "in double quotes a backslash is written twice; in single quotes once"},
        {"quoted scalar", NULL, "is the quote closed, and on its line?"},
        {"tab", NULL, "indent with blanks"},
        {"multiline", NULL, "write the keys of one map below each other, equally indented"},
        {"indentation", NULL, "write the keys of one map below each other, equally indented"},
        {"flow", NULL, "is every [ and { closed, and every item but the last followed by a comma?"},
    };
    explanation found = {NULL, NULL, "indent with blanks, and put values with special characters in quotes"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && found.word == NULL; i++)
        if (strstr(message, rows[i].word) != NULL)
            found = rows[i];
    if (found.problem == NULL)
        found.problem = strchr(message, '\'') == NULL ? message : "not understood from here on";
    return found;
}

/* Warnings too: what the library would ignore is refused. */
static gw_rc
check(const builder *b, struct fy_diag *diag)
{
    void *position = NULL;
    const struct fy_diag_error *const error = fy_diag_errors_iterate(diag, &position);
    if (error != NULL) {
        const explanation why = explain(error->msg);
        (void)gw_fail(b->e, GODWIT_USAGE, "this is no valid YAML: %s", why.problem);
        (void)gw_err_hint(b->e, "%s", why.hint);
        return gw_place(b->e, GW_PLACE_YAML, b->path, b->text, offset_of(b->text, error->line, error->column), 0);
    }
    if (!b->complete) /* uncovered: the library always says why */
        return wrong(b, 0, 0, "this is no valid YAML", "put special values in quotes"); /* uncovered: as above */
    return GODWIT_OK;
}

static void
close_parser(void *parser)
{
    fy_parser_destroy(parser);
}

static void
close_diag(void *diag)
{
    fy_diag_destroy(diag);
}

static gw_rc
read_events(builder *b)
{
    GW_SCOPE(handles);
    GW_TRY(gw_config_library_load(b->e));
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    quiet.colorize = false;
    struct fy_diag *const diag = fy_diag_create(&quiet);
    fy_diag_set_collect_errors(diag, true);
    gw_defer(handles, close_diag, diag);
    const struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct fy_parser *const parser = fy_parser_create(&config);
    gw_defer(handles, close_parser, parser);
    b->hidden = gw_scalar_hide(b->a, b->text);
    if (fy_parser_set_string(parser, b->hidden.ptr, b->hidden.len) != 0)    /* uncovered: out of memory, */
        return gw_fail(b->e, GODWIT_BUG, "libfyaml has no memory to read"); /* uncovered: here or before */
    for (struct fy_event *event; (event = fy_parser_parse(parser)) != NULL;) {
        const gw_rc rc = on_event(b, event);
        fy_parser_event_free(parser, event);
        GW_TRY(rc);
    }
    return check(b, diag);
}

static bool
is_at(gw_str text, size_t at, const char *what)
{
    return gw_str_starts(gw_str_slice(text, at, text.len), what);
}

/* U+0085, U+2028 and U+2029. */
static bool
is_line_break(gw_str text, size_t at)
{
    return is_at(text, at, "\xC2\x85") || is_at(text, at, "\xE2\x80\xA8") || is_at(text, at, "\xE2\x80\xA9");
}

static gw_rc
check_characters(const builder *b)
{
    const size_t valid = gw_str_utf8_valid(b->text);
    if (valid < b->text.len)
        return wrong(b, valid, 0, "this byte is not valid UTF-8", "save the file as UTF-8");
    for (size_t i = 0; i < b->text.len; i++) {
        const unsigned char c = (unsigned char)b->text.ptr[i];
        if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7F)
            return wrong(b, i, 0, "a control character", "remove this invisible character");
        if (is_line_break(b->text, i)) /* what libfyaml 0.7 reads behind it has bytes that nobody wrote */
            return wrong(b, i, 0, "a line break that is none in YAML 1.2", "remove this invisible character");
    }
    return GODWIT_OK;
}

gw_rc
gw_yaml_parse(gw_arena *a, const char *path, gw_str text, gw_yaml **out, gw_err *e)
{
    builder b = {
        .a = a, .path = path, .text = gw_place_body(text), .key_spot = {1, 1, 0}, .anchors = gw_map_new(a), .e = e};
    *out = NULL;
    if (b.text.len > GW_YAML_BYTES_MAX)
        return wrong(&b, 0, 0, "a configuration larger than 1 MiB", "a configuration is a page or two");
    GW_TRY(check_characters(&b));
    if (b.text.len > 0) /* libfyaml takes a length of 0 as unknown */
        GW_TRY(read_events(&b));
    *out = b.root;
    return GODWIT_OK;
}

const gw_yaml *
gw_yaml_get(const gw_yaml *map, const char *key)
{
    for (size_t i = 0; map->kind == GW_YAML_MAP && i < map->items.len; i++)
        if (strcmp(map->items.at[i]->key, key) == 0)
            return map->items.at[i];
    return NULL;
}
