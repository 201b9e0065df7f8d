#include "engine/sqlite/wait.h"

#include "base/clock.h"
#include "engine/sqlite/holder.h"
#include "engine/sqlite/library.h"

void
gw_sqlite_wait_begin(gw_sqlite_wait *w, int64_t limit_ms, bool writing)
{
    atomic_store(&w->cancelled, false);
    w->limit_ms = limit_ms;
    w->writing = writing;
    w->told = false;
}

static void
tell(gw_sqlite_wait *w)
{
    GW_SCOPE(a);
    const char *const who = gw_sqlite_holder(a, w->path, w->writing);
    w->told = true;
    w->notice(w->notice_ctx,
              gw_printf(a, "waiting for %s, which %s has locked", w->path, who == NULL ? "another process" : who));
}

/* Waiters that began together must not ask together for ever: a quarter more or less. */
static int64_t
nap_of(int attempt)
{
    static const int64_t naps_ms[] = {1, 2, 5, 10, 20, 40, 60};
    enum { NAPS = sizeof(naps_ms) / sizeof(naps_ms[0]) };
    const int64_t nap = naps_ms[attempt < NAPS ? attempt : NAPS - 1];
    unsigned char r = 0;
    sqlite3_randomness(sizeof(r), &r);
    return nap - nap / 4 + nap * r / 512;
}

int
gw_sqlite_wait_on(void *wait, int attempt)
{
    enum { TELL_AFTER_MS = 1000 };
    gw_sqlite_wait *const w = wait;
    const int64_t now = gw_clock_ms();
    if (attempt == 0)
        w->began_ms = now;
    const int64_t waited = now - w->began_ms;
    if (gw_interrupt_is_asked(w->interrupt))
        atomic_store(&w->cancelled, true);
    if (atomic_load(&w->cancelled) || waited >= w->limit_ms)
        return 0;
    if (waited >= TELL_AFTER_MS && !w->told && w->notice != NULL)
        tell(w);
    const int64_t nap = nap_of(attempt);
    gw_sleep_ms(nap < w->limit_ms - waited ? nap : w->limit_ms - waited);
    return 1;
}
