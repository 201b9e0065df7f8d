/*
 * base/fault - named places that a test can make fail or die.
 *
 * With -Dfaults=true, GODWIT_FAULT="after_ddl=kill" (or =fail, =stop; "name:3=kill" for the third time) acts when
 * GW_FAULT("after_ddl") is reached: kill ends the process at once, stop sends it SIGSTOP, fail makes GW_FAULT true.
 * Without the option GW_FAULT is the constant 0.
 */
#ifndef GW_BASE_FAULT_H
#define GW_BASE_FAULT_H

#include <stdbool.h>

#ifdef GW_FAULTS
bool gw_fault_reached(const char *name);
#define GW_FAULT(name) gw_fault_reached(name)
#else
#define GW_FAULT(name) 0
#endif

#endif
