/*
 * tests/stage - where the workflows play: a call on the fake engine, with a folder of its own.
 */
#ifndef GW_TESTS_STAGE_H
#define GW_TESTS_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "stage_engine.h"
#include "workflow/workflow.h"

typedef struct stage {
    gw_arena *arena, *answer, *heard;
    char folder[64];
    const char *flags[GW_SETTING__COUNT];
    gw_engine engine; /* to be changed before the first call */
    stage_server server;
    pthread_mutex_t telling;
    const gw_engine *engines[2];
    gw_interrupt interrupt;
    gw_config config;
    gw_call call; /* of the newest play */
    gw_err e;     /* of the newest play */
    gw_buf told;  /* events of the newest play: "run 2;begin 0001;end 0001;note …;" */
    void (*on_event)(struct stage *s, const godwit_event *event); /* may be NULL */
    void (*on_open)(struct stage *s); /* each time that the call has connected; may be NULL */
} stage;

#define STAGE_TEST(name) cmocka_unit_test_setup_teardown(name, stage_begin, stage_end)
int stage_begin(void **state);
int stage_end(void **state);

void stage_file(const stage *s, const char *name, const char *text);
void stage_remove(const stage *s, const char *name);
/* Begin a call; its outcome goes to stage_ended(). */
gw_call *stage_call(stage *s);
gw_rc stage_ended(stage *s, gw_rc rc);
#define STAGE_PLAY(s, workflow) stage_ended((s), (stage_call(s), (workflow)))
gw_rc stage_up(stage *s);
gw_rc stage_down(stage *s);

/* A file 0001_first.sql; the history is there and holds 0000, and the log is empty. */
void stage_first(stage *s, const char *text);
#define STAGE_BASELINE "0000 up applied 0/0;"

/* A session of somebody else, as "other"; as long as the arena. */
gw_conn *stage_other(gw_arena *a);
/* What it executes must work. */
void stage_do(gw_conn *other, const char *sql);
/* Ask to stop, a twentieth of a second from now, on a thread; join it. */
pthread_t stage_interrupt_soon(stage *s);

/* On a connection of its own. Rows as "1,one;2,two;"; no such table: "none". */
const char *stage_rows(stage *s, const char *sql);
/* "0001 up applied 2/2;0002 up failed 0/1;": the history, oldest first. */
const char *stage_history(stage *s);
/* How often a step that begins so is in the log. */
size_t stage_count(const char *step);
/* What the fake heard since fake_log_clear(): its own statements as they are, those of the history as "+INSERT". */
const char *stage_log(stage *s);

#endif
