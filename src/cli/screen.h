/*
 * cli/screen - standard output and standard error, as people or as pipes see them.
 *
 * Colour and lines that are drawn again only on a terminal, and not with NO_COLOR or TERM=dumb.
 */
#ifndef GW_CLI_SCREEN_H
#define GW_CLI_SCREEN_H

#include <godwit.h>
#include <stdio.h>

typedef enum gw_paint { GW_PLAIN, GW_BOLD, GW_RED, GW_GREEN, GW_YELLOW, GW_BLUE, GW_DIM } gw_paint;

typedef struct gw_screen {
    bool out_colour, err_colour;
    bool redraw;      /* standard error is a terminal */
    bool transient;   /* a line that will be drawn over stands there */
    unsigned columns; /* of the terminal */
} gw_screen;

gw_screen gw_screen_open(void);
/* The escape for standard output or standard error; "" without colour. GW_PLAIN ends a colour. */
const char *gw_paint_out(const gw_screen *s, gw_paint paint);
const char *gw_paint_err(const gw_screen *s, gw_paint paint);
/* Draw a line that the next one replaces; nothing when not on a terminal. */
void gw_screen_transient(gw_screen *s, const char *text);
void gw_screen_clear(gw_screen *s); /* take it away */
/* Everything was written: false when standard output refused (a full disk, a closed pipe). */
bool gw_screen_flush(void);

#endif
