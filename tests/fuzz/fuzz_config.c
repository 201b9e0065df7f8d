/*
 * fuzz_config - URLs, godwit.yaml and .env: whatever comes, an answer or an error, and what was read reads again.
 *
 * The first byte chooses: u a URL, y a YAML document, e a .env file, x a value with references; the rest is the text.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "config/env.h"
#include "config/url.h"
#include "config/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_error(const gw_err *e)
{
    assert(e->rc == GODWIT_USAGE && e->message[0] != '\0');
    assert(gw_str_utf8_valid(gw_str_of(e->message)) == strlen(e->message));
    assert(gw_str_utf8_valid(gw_str_of(e->excerpt)) == strlen(e->excerpt));
    assert(e->line == 0 || e->column > 0);
}

static bool
is_same(const char *left, const char *right)
{
    return left == NULL || right == NULL ? left == right : strcmp(left, right) == 0;
}

/* What is shown of a URL is a URL of the same place. */
static void
try_url(gw_arena *a, gw_str text)
{
    gw_url url, again;
    gw_err e = {0};
    if (gw_url_parse(a, text, &url, &e) != GODWIT_OK) {
        check_error(&e);
        return;
    }
    const char *const shown = gw_url_show(a, &url);
    const gw_rc rc = gw_url_parse(a, gw_str_of(shown), &again, &e);
    assert(rc == GODWIT_OK);
    assert(is_same(url.scheme, again.scheme) && is_same(url.user, again.user) && is_same(url.database, again.database));
    assert(is_same(url.host, again.host) && url.port == again.port && again.password == NULL);
    assert(is_same(shown, gw_url_show(a, &again)));
    assert(!gw_url_is_file(&url) || !gw_url_is_remote(&url) || url.params.len > 0);
}

static size_t
count_nodes(const gw_yaml *node, gw_str text, unsigned depth)
{
    size_t count = 1;
    assert(depth <= GW_YAML_DEPTH_MAX);
    assert(node->offset <= text.len && node->value_offset <= text.len && node->line > 0 && node->column > 0);
    assert(node->kind != GW_YAML_SCALAR || (node->value != NULL && node->items.len == 0));
    for (size_t i = 0; i < node->items.len; i++) {
        assert(node->kind != GW_YAML_MAP || gw_yaml_get(node, node->items.at[i]->key) == node->items.at[i]);
        count += count_nodes(node->items.at[i], text, depth + 1);
    }
    return count;
}

static void
try_yaml(gw_arena *a, gw_str text)
{
    gw_yaml *root = NULL;
    gw_err e = {0};
    if (gw_yaml_parse(a, "godwit.yaml", text, &root, &e) != GODWIT_OK)
        check_error(&e);
    else if (root != NULL)
        assert(count_nodes(root, text, 0) <= GW_YAML_NODES_MAX);
}

static void
try_env(gw_arena *a, gw_str text)
{
    static const char *const process[] = {"A=1", "HOST=h", NULL};
    gw_env env;
    gw_err e = {0};
    const gw_rc rc = gw_env_load(a, process, NULL, &env, &e);
    assert(rc == GODWIT_OK);
    if (gw_env_parse(a, ".env", text, &env, &e) != GODWIT_OK)
        check_error(&e);
    for (const char *const *added = gw_env_added(a, &env); *added != NULL; added++)
        assert(strchr(*added, '=') != NULL);
}

static void
try_expand(gw_arena *a, gw_str text)
{
    static const char *const process[] = {"A=1", "HOST=h", NULL};
    gw_env env;
    gw_err e = {0};
    const char *out = NULL;
    const gw_rc rc = gw_env_load(a, process, NULL, &env, &e);
    assert(rc == GODWIT_OK);
    if (gw_env_expand(a, &env, text, &out, &e) != GODWIT_OK)
        assert(e.rc == GODWIT_USAGE && out == NULL);
    else
        assert(out != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GW_SCOPE(a);
    if (size == 0)
        return 0;
    const gw_str text = {(const char *)data + 1, size - 1};
    if (data[0] == 'u')
        try_url(a, text);
    else if (data[0] == 'y')
        try_yaml(a, text);
    else if (data[0] == 'e')
        try_env(a, text);
    else if (data[0] == 'x')
        try_expand(a, text);
    return 0;
}
