#include "engine/postgres/request.h"

#include "base/future.h"

struct gw_pg_request {
    PGcancel *handle;
    gw_future *future;
};

static void
free_handle(void *handle)
{
    PQfreeCancel(handle);
}

static void
ask(void *subject)
{
    char why[256];
    const gw_pg_request *const r = subject;
    (void)PQcancel(r->handle, why, sizeof(why));
}

gw_pg_request *
gw_pg_request_start(PGconn *link)
{
    PGcancel *const handle = PQgetCancel(link);
    if (handle == NULL)
        return NULL;
    gw_arena *const a = gw_arena_new();
    gw_pg_request *const r = gw_new(a, gw_pg_request);
    r->handle = handle;
    gw_defer(a, free_handle, handle);
    gw_future *const future = gw_future_start(a, ask, r);
    if (future == NULL)
        return NULL;
    r->future = future;
    return r;
}

bool
gw_pg_request_is_over(const gw_pg_request *r)
{
    return gw_future_is_over(r->future);
}

bool
gw_pg_request_end(gw_pg_request *r, int64_t until_ms)
{
    gw_future *const future = r->future;
    if (!gw_future_end(future, until_ms, NULL))
        return false;
    gw_future_free(future);
    return true;
}
