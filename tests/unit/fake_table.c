#include "fake_table.h"

#include <string.h>

#include "base/clock.h"
#include "fake_turn.h"

static struct {
    gw_arena *arena; /* everything here */
    gw_vec(fake_table *) tables;
} store;

gw_arena *
fake_table_arena(void)
{
    if (store.arena == NULL)
        store.arena = gw_arena_new();
    return store.arena;
}

void
fake_table_clear(void)
{
    gw_arena_free(store.arena);
    memset(&store, 0, sizeof(store));
}

fake_table *
fake_table_of(const char *database, const char *name)
{
    for (size_t i = 0; i < store.tables.len; i++)
        if (strcmp(store.tables.at[i]->name, name) == 0 && strcmp(store.tables.at[i]->database, database) == 0)
            return store.tables.at[i];
    gw_arena *const a = fake_table_arena();
    fake_table *const t = gw_new(a, fake_table);
    *t = (fake_table){.database = gw_text(a, database), .name = gw_text(a, name), .now = gw_new(a, fake_data)};
    *gw_vec_push(a, &store.tables) = t;
    return t;
}

static fake_data *
copy_data(const fake_data *d)
{
    gw_arena *const a = fake_table_arena();
    fake_data *const copy = gw_new(a, fake_data);
    copy->exists = d->exists;
    copy->version = d->version;
    for (size_t i = 0; i < d->columns.len; i++)
        *gw_vec_push(a, &copy->columns) = d->columns.at[i];
    for (size_t i = 0; i < d->rows.len; i++) {
        fake_row *const r = gw_vec_push(a, &copy->rows);
        r->values = gw_new_array(a, const char *, d->columns.len + 1);
        memcpy(r->values, d->rows.at[i].values, d->columns.len * sizeof(char *));
    }
    return copy;
}

const fake_data *
fake_table_seen(const fake_session *s, const fake_table *t)
{
    return t->writer == NULL || t->writer == s ? t->now : t->before;
}

static gw_rc
wait_for(fake_session *s, const fake_table *t, gw_err *e)
{
    const int64_t end = gw_clock_ms() + s->lock_timeout_ms;
    while (t->writer != NULL && t->writer != s) {
        s->waits_for = t->writer;
        if (atomic_load(&s->cancelled))
            return gw_fail(e, GODWIT_INTERRUPTED, "interrupted");
        if (gw_clock_ms() >= end) {
            e->transient = e->lock_wait = true;
            return fake_table_fail(e, "55P03", "locked by another transaction", t->name);
        }
        fake_turn_nap(5);
    }
    return GODWIT_OK;
}

gw_rc
fake_table_change(fake_session *s, fake_table *t, fake_data **out, gw_err *e)
{
    if (s->read_only || s->read_only_now)
        return fake_table_fail(e, "25006", "a read-only transaction cannot change", t->name);
    const gw_rc rc = wait_for(s, t, e);
    s->waits_for = NULL;
    GW_TRY(rc);
    if ((s->in_transaction || s->in_group) && t->writer == NULL) {
        t->before = t->now;
        t->now = copy_data(t->before);
        t->writer = s;
    }
    *out = t->now;
    return GODWIT_OK;
}

gw_rc
fake_table_drop_all(fake_session *s, const char *database, const char *prefix, gw_err *e)
{
    for (size_t i = 0; i < store.tables.len; i++) {
        fake_table *const t = store.tables.at[i];
        fake_data *d = NULL;
        if (strcmp(t->database, database) != 0 || !gw_str_starts(gw_str_of(t->name), prefix))
            continue;
        GW_TRY(fake_table_change(s, t, &d, e));
        *d = (fake_data){.version = d->version};
    }
    return GODWIT_OK;
}

void
fake_table_end(const fake_session *s, bool keep)
{
    for (size_t i = 0; i < store.tables.len; i++) {
        fake_table *const t = store.tables.at[i];
        if (t->writer != s)
            continue;
        t->now = keep ? t->now : t->before;
        t->before = NULL;
        t->writer = NULL;
    }
}

void
fake_table_save(const fake_session *s)
{
    for (size_t i = 0; i < store.tables.len; i++) {
        fake_table *const t = store.tables.at[i];
        if (t->writer == s || t->writer == NULL)
            t->saved = t->writer == s ? copy_data(t->now) : NULL;
    }
}

void
fake_table_restore(const fake_session *s)
{
    for (size_t i = 0; i < store.tables.len; i++) {
        fake_table *const t = store.tables.at[i];
        if (t->writer != s)
            continue;
        t->now = t->saved != NULL ? t->saved : t->before;
        t->before = t->saved != NULL ? t->before : NULL;
        t->writer = t->saved != NULL ? s : NULL;
    }
}

gw_rc
fake_table_fail(gw_err *e, const char *code, const char *text, const char *name)
{
    gw_fail(e, GODWIT_FAILED, "%s: %s", text, name);
    gw_err_copy(e->code, sizeof(e->code), gw_str_of(code));
    return e->rc;
}
