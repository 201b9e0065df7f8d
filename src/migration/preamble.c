#include "migration/preamble.h"

static void
add_list(gw_buf *out, const char *name, const gw_strs *list)
{
    for (size_t i = 0; i < list->len; i++)
        gw_buf_printf(out, "%s%.*s", i == 0 ? gw_printf(out->arena, "-- godwit:%s ", name) : ", ",
                      GW_STR_ARG(list->at[i]));
    if (list->len > 0)
        gw_buf_putc(out, '\n');
}

/* Atlas's bare one means everything. */
static void
add_nolint(gw_buf *out, const gw_strs *list, const gw_strs *said)
{
    for (size_t i = 0; i < list->len; i++)
        if (!gw_strs_have(said, list->at[i]))
            gw_buf_printf(out, list->at[i].len == 0 ? "-- atlas:nolint%.*s\n" : "-- godwit:nolint %.*s\n",
                          GW_STR_ARG(list->at[i]));
}

static void
add_time(gw_buf *out, const char *name, int64_t ms)
{
    if (ms != 0)
        gw_buf_printf(out, "-- godwit:%s %lldms\n", name, (long long)ms);
}

static void
add_shims(gw_buf *out, const gw_shims *shims, const gw_shims *drops)
{
    for (size_t i = 0; i < drops->len; i++)
        gw_buf_printf(out, "-- godwit:n-1-shim-drop: %.*s\n", GW_STR_ARG(drops->at[i].old));
    for (size_t i = 0; i < shims->len; i++)
        gw_buf_printf(out, "-- godwit:n-1-shim: %.*s drop-with %.*s\n", GW_STR_ARG(shims->at[i].old),
                      GW_STR_ARG(shims->at[i].issue));
}

/* What has a word of the layout's own tool is said in that. */
static void
add_modes(gw_buf *out, const gw_preamble *p, const gw_dress *dress)
{
    static const char *const modes[] = {[GW_TX_FILE] = "file", [GW_TX_NONE] = "none"};
    if (p->is_checkpoint)
        gw_buf_printf(out, "%s\n", dress->checkpoint != NULL ? dress->checkpoint : "-- godwit:checkpoint");
    if (p->tx == GW_TX_NONE && dress->no_tx != NULL)
        gw_buf_printf(out, "%s\n", dress->no_tx);
    else if (p->tx != GW_TX_AUTO)
        gw_buf_printf(out, "-- godwit:tx %s\n", modes[p->tx]);
    if (p->delimiter != NULL)
        gw_buf_printf(out, "%s %s\n", dress->delimiter != NULL ? dress->delimiter : "-- godwit:delimiter",
                      p->delimiter);
    if (p->expands)
        gw_buf_puts(out, "-- godwit:envsub on\n");
}

void
gw_preamble_add(gw_buf *out, const gw_preamble *p)
{
    static const gw_dress plain = {0};
    const gw_dress *const dress = p->layout->dress == NULL ? &plain : p->layout->dress;
    const gw_directives *const said = &p->said;
    const bool is_own = (p->is_checkpoint && dress->checkpoint != NULL) ||
                        (p->tx == GW_TX_NONE && dress->no_tx != NULL) || (p->delimiter != NULL && dress->no_tx != NULL);
    add_modes(out, p, dress);
    add_list(out, "skip-on", &said->skip_on);
    add_list(out, "only-on", &said->only_on);
    add_time(out, "timeout", said->timeout_ms);
    add_time(out, "lock-timeout", said->lock_timeout_ms);
    add_nolint(out, &said->nolint, &(gw_strs){0});
    for (size_t i = 0; i < said->assertions.len; i++)
        gw_buf_printf(out, "-- godwit:assert %.*s\n", GW_STR_ARG(said->assertions.at[i].query));
    add_shims(out, &said->shims, &said->drops);
    if (is_own) /* Atlas's stand above an empty line */
        gw_buf_putc(out, '\n');
}

void
gw_preamble_rules(gw_buf *out, const gw_directives *own, const gw_directives *file, const gw_directives *head)
{
    add_time(out, "timeout", own->timeout_ms == file->timeout_ms ? 0 : own->timeout_ms);
    add_time(out, "lock-timeout", own->lock_timeout_ms == head->lock_timeout_ms ? 0 : own->lock_timeout_ms);
    add_nolint(out, &own->nolint, &file->nolint);
}
