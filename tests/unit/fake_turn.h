/*
 * tests/fake_turn - the fake server serves one thread at a time; whoever waits within it lets the others in.
 */
#ifndef GW_TESTS_FAKE_TURN_H
#define GW_TESTS_FAKE_TURN_H

#include <stdint.h>

/* First in every function that a connection offers: until the end of its block nobody else is served. It may be nested. */
#define FAKE_TURN __attribute__((cleanup(fake_turn_end), unused)) const int fake_turn_here = fake_turn_begin()
int fake_turn_begin(void);
void fake_turn_end(const int *turn);
/* Sleep while others are served. */
void fake_turn_nap(int64_t ms);

#endif
