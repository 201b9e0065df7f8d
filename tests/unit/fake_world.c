#include "fake_world.h"

#include <string.h>

#include "fake_sql.h"

fake_server fake;
static fake_world world;

fake_world *
fake_world_get(void)
{
    if (world.arena == NULL) {
        world.arena = gw_arena_new();
        world.log = gw_buf_new(world.arena);
    }
    return &world;
}

void
fake_reset(void)
{
    gw_arena_free(world.arena);
    memset(&world, 0, sizeof(world));
    fake = (fake_server){0};
    fake_table_clear();
}

/* ---- the log ---- */

/* A copy: another thread may go on writing. */
const char *
fake_log(void)
{
    FAKE_TURN;
    const fake_world *const w = fake_world_get();
    return gw_strdup(w->arena, gw_buf_str(&w->log));
}

void
fake_log_clear(void)
{
    FAKE_TURN;
    fake_world *const w = fake_world_get();
    w->log = gw_buf_new(w->arena);
}

void
fake_log_cut(size_t length)
{
    FAKE_TURN;
    const char *const text = fake_log();
    world.log = gw_buf_new(world.arena);
    gw_buf_add(&world.log, (gw_str){text, length});
}

void
fake_say(const char *what)
{
    fake_world *const w = fake_world_get();
    gw_buf_puts(&w->log, what);
    gw_buf_putc(&w->log, ';');
}

/* Is it this one that is refused? */
static bool
is_refused(gw_str what)
{
    if (fake.refuse == NULL || !gw_str_starts(what, fake.refuse))
        return false;
    if (fake.refuse_after > 0) {
        fake.refuse_after--;
        return false;
    }
    if (fake.refuse_times > 0 && --fake.refuse_times == 0)
        fake.refuse = NULL;
    return true;
}

gw_rc
fake_step(fake_conn *c, gw_str what, gw_err *e)
{
    fake_world *const w = fake_world_get();
    if (c != NULL && c->dead)
        return gw_fail(e, GODWIT_CONNECT, "the fake connection is gone");
    if (c != NULL)
        atomic_store(&c->session.cancelled, false);
    gw_buf_add(&w->log, what);
    gw_buf_putc(&w->log, ';');
    if (!is_refused(what))
        return GODWIT_OK;
    const gw_rc rc = fake.refuse_rc == GODWIT_OK ? GODWIT_FAILED : fake.refuse_rc;
    if (c != NULL && rc == GODWIT_CONNECT)
        c->dead = true;
    gw_fail(e, rc, "refused: %.*s", GW_STR_ARG(what));
    gw_err_copy(e->code, sizeof(e->code), gw_str_of(fake.refuse_code == NULL ? "XX000" : fake.refuse_code));
    e->transient = fake.refuse_transient;
    return rc;
}

/* ---- connections ---- */

fake_conn *
fake_conn_of(gw_conn *c)
{
    return (fake_conn *)c;
}

fake_conn *
fake_conn_find(int64_t number)
{
    return number < 1 || (size_t)number > world.conns.len ? NULL : world.conns.at[number - 1];
}

void
fake_conn_end_transaction(fake_conn *c, bool keep)
{
    fake_table_end(&c->session, keep);
    c->session.in_transaction = c->session.in_group = c->session.read_only_now = false;
}

void
fake_conn_leave(fake_conn *c)
{
    fake_conn_end_transaction(c, false);
    for (size_t i = 0; i < world.locks.len; i++)
        if (world.locks.at[i].owner == c)
            world.locks.at[i].owner = NULL;
}

fake_lock *
fake_lock_of(const char *key)
{
    fake_world *const w = fake_world_get();
    for (size_t i = 0; i < w->locks.len; i++)
        if (strcmp(w->locks.at[i].key, key) == 0)
            return &w->locks.at[i];
    fake_lock *const l = gw_vec_push(w->arena, &w->locks);
    *l = (fake_lock){.key = gw_text(w->arena, key)};
    return l;
}
