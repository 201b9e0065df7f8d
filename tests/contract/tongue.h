/*
 * tests/contract/tongue - the words with which each engine is asked for the same thing. {t} is a table's name.
 */
#ifndef GW_TESTS_TONGUE_H
#define GW_TESTS_TONGUE_H

#include <stdbool.h>

enum { TONGUE_SETTINGS = 8, TONGUE_SLOW = 2, TONGUE_NAMES = 4 };

typedef struct tongue_setting {
    const char *set, *show;
} tongue_setting;

typedef struct tongue {
    const char *engine;            /* gw_engine.name */
    const char *any_text;          /* behind a column of type TEXT, so that it takes any text */
    const char *echo;              /* one row: both parameters */
    const char *slow[TONGUE_SLOW]; /* run for half a minute */
    const char *nap;               /* runs for 0.2 s; NULL: it cannot */
    const char *syntax_code, *missing_code;
    bool notices; /* DROP TABLE IF EXISTS says when there is none */
    tongue_setting settings[TONGUE_SETTINGS];
    const char *own_begin;   /* a BEGIN of the user's that changes something … */
    bool own_forbids_writes; /* … here: writing; otherwise: reading by others */
    const char *other_zone;  /* set another time zone; NULL: there is none */
    const char *elsewhere;   /* bare names lead elsewhere from now on; NULL: they cannot */
    const char *history_names[TONGUE_NAMES];
    const char *history_schema_drop; /* NULL: none of them makes a schema */
} tongue;

/* NULL: unknown. */
const tongue *tongue_of(const char *engine);

#endif
