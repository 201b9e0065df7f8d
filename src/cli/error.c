#include "cli/error.h"

/* A file without a line is named by the message itself. */
static void
print_place(const godwit_error *e)
{
    if (e->line > 0)
        fprintf(stderr, "%s:%u:%u: ", e->path, e->line, e->column);
}

static void
print_excerpt(const gw_screen *s, const godwit_error *e)
{
    if (e->excerpt[0] == '\0' || e->line == 0)
        return;
    fprintf(stderr, "%s%5u |%s %s\n", gw_paint_err(s, GW_BLUE), e->line, gw_paint_err(s, GW_PLAIN), e->excerpt);
    if (e->caret > 0)
        fprintf(stderr, "%s      |%s %*s%s^%s\n", gw_paint_err(s, GW_BLUE), gw_paint_err(s, GW_PLAIN),
                (int)e->caret - 1, "", gw_paint_err(s, GW_RED), gw_paint_err(s, GW_PLAIN));
}

static void
print_lines(const char *text)
{
    while (*text != '\0') {
        const size_t len = strcspn(text, "\n");
        fprintf(stderr, "  %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

void
gw_error_print(gw_screen *s, const godwit_error *e)
{
    gw_screen_clear(s);
    fprintf(stderr, "%serror:%s ", gw_paint_err(s, GW_RED), gw_paint_err(s, GW_PLAIN));
    print_place(e);
    fprintf(stderr, "%s%s%s", gw_paint_err(s, GW_BOLD), e->message, gw_paint_err(s, GW_PLAIN));
    if (e->code[0] != '\0')
        fprintf(stderr, " [%s]", e->code);
    fputc('\n', stderr);
    print_excerpt(s, e);
    print_lines(e->notes);
    if (e->hint[0] != '\0')
        fprintf(stderr, "  %shint:%s %s\n", gw_paint_err(s, GW_BLUE), gw_paint_err(s, GW_PLAIN), e->hint);
}
