#include "base/fault.h"

#ifdef GW_FAULTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

bool
gw_fault_reached(const char *name)
{
    static atomic_ulong times; /* the one name in GODWIT_FAULT was reached; a test's counter, in no release */
    gw_str action;
    gw_str ordinal;
    const gw_str place = gw_str_cut(gw_str_of(getenv("GODWIT_FAULT")), '=', &action);
    if (!gw_str_is(gw_str_cut(place, ':', &ordinal), name))
        return false;
    const unsigned long nth = atomic_fetch_add(&times, 1) + 1;
    if (ordinal.len > 0 && strtoul(ordinal.ptr, NULL, 10) != nth)
        return false;
    if (gw_str_is(action, "kill"))     /* uncovered: nobody is left to count */
        (void)kill(getpid(), SIGKILL); /* uncovered: likewise */
    if (gw_str_is(action, "stop"))
        (void)kill(getpid(), SIGSTOP);
    return gw_str_is(action, "fail");
}

#endif
