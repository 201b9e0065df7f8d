#include "migration/joint.h"

#include "migration/preamble.h"
#include "migration/rewrite.h"

/* What is true of all of them, above the first. */
static void
read_head(gw_arena *a, const gw_joint_params *p, gw_preamble *out)
{
    const gw_joint_parts *const parts = p->parts;
    const gw_directives *const first = &parts->at[0].script.file_rules;
    const bool has_marks = p->layout->dress != NULL && p->layout->dress->expand != NULL;
    *out = (gw_preamble){
        .layout = p->layout, .is_checkpoint = p->checkpoint, .tx = p->tx, .delimiter = p->delimiter, .said = *first};
    gw_directives *const said = &out->said;
    said->shims = p->shims;
    said->drops = p->drops;
    said->nolint = (gw_strs){0};
    said->timeout_ms = 0;
    for (size_t i = 0; i < parts->len; i++) {
        const gw_directives *const rules = &parts->at[i].script.file_rules;
        out->expands = out->expands || (parts->at[i].script.expanded != NULL && !has_marks);
        said->timeout_ms += rules->timeout_ms;
        for (size_t k = 0; k < rules->nolint.len; k++)
            if (!gw_strs_have(&said->nolint, rules->nolint.at[k]))
                *gw_vec_push(a, &said->nolint) = rules->nolint.at[k];
    }
}

static gw_rc
add_part(gw_arena *a, const gw_joint_params *p, const gw_joint_part *part, const gw_directives *head, gw_buf *out,
         gw_err *e)
{
    const char *const end = p->delimiter == NULL ? ";" : p->delimiter;
    const gw_rewrite_params rp = {.script = &part->script,
                                  .from = p->layout,
                                  .to = p->layout,
                                  .prefixes = p->prefixes,
                                  .delimiter = p->delimiter,
                                  .is_check = part->script.units.len == 0,
                                  .head = head};
    gw_str text;
    GW_TRY(gw_rewrite(a, &rp, &text, e));
    if (part->is_end)
        gw_buf_printf(out, "-- What %s set ends here.\n", part->file);
    else
        gw_buf_printf(out, "-- %s%s\n", p->mark, part->file);
    if (part->is_wrapped)
        gw_buf_printf(out, "BEGIN%s\n", end);
    gw_buf_add(out, text);
    if (part->is_wrapped)
        gw_buf_printf(out, "COMMIT%s\n", end);
    return GODWIT_OK;
}

gw_rc
gw_joint_text(gw_arena *a, const gw_joint_params *p, gw_str *out, gw_err *e)
{
    gw_buf text = gw_buf_new(a);
    gw_preamble head;
    const char *const between = p->layout->dress == NULL ? NULL : p->layout->dress->between;
    read_head(a, p, &head);
    gw_preamble_add(&text, &head);
    for (size_t i = 0; i < p->parts->len; i++) {
        if (i > 0 && between != NULL)
            gw_buf_printf(&text, "%s\n", between);
        if (text.len > 0 && !gw_str_ends(gw_buf_str(&text), "\n\n"))
            gw_buf_putc(&text, '\n');
        GW_TRY(add_part(a, p, &p->parts->at[i], &head.said, &text, e));
    }
    *out = (gw_str){gw_buf_text(&text), text.len};
    return GODWIT_OK;
}
