#include "cli/screen.h"

#include <sys/ioctl.h>

static const char *const escapes[] = {
    [GW_PLAIN] = "\033[0m",   [GW_BOLD] = "\033[1m",    [GW_RED] = "\033[1;31m", [GW_GREEN] = "\033[32m",
    [GW_YELLOW] = "\033[33m", [GW_BLUE] = "\033[1;34m", [GW_DIM] = "\033[2m",
};

static bool
has_colour(int fd)
{
    const char *const no_color = getenv("NO_COLOR");
    const char *const term = getenv("TERM");
    return isatty(fd) && (no_color == NULL || no_color[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

gw_screen
gw_screen_open(void)
{
    enum { USUAL_COLUMNS = 80 };
    const char *const term = getenv("TERM");
    struct winsize size;
    gw_screen s = {
        .out_colour = has_colour(STDOUT_FILENO), .err_colour = has_colour(STDERR_FILENO), .columns = USUAL_COLUMNS};
    s.redraw = isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
    if (s.redraw && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        s.columns = size.ws_col;
    return s;
}

const char *
gw_paint_out(const gw_screen *s, gw_paint paint)
{
    return s->out_colour ? escapes[paint] : "";
}

const char *
gw_paint_err(const gw_screen *s, gw_paint paint)
{
    return s->err_colour ? escapes[paint] : "";
}

void
gw_screen_clear(gw_screen *s)
{
    if (s->transient)
        fputs("\r\033[K", stderr);
    s->transient = false;
}

void
gw_screen_transient(gw_screen *s, const char *text)
{
    if (!s->redraw)
        return;
    gw_screen_clear(s);
    fprintf(stderr, "%.*s", (int)s->columns - 1, text);
    fflush(stderr);
    s->transient = true;
}

bool
gw_screen_flush(void)
{
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}
