#include "fake_turn.h"

#include <pthread.h>

#include "base/clock.h"

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int depth; /* of the thread that is served */

int
fake_turn_begin(void)
{
    pthread_mutex_lock(&mutex);
    return ++depth;
}

void
fake_turn_end(const int *turn)
{
    depth = *turn - 1;
    pthread_mutex_unlock(&mutex);
}

void
fake_turn_nap(int64_t ms)
{
    const int here = depth;
    depth = 0;
    for (int i = 0; i < here; i++)
        pthread_mutex_unlock(&mutex);
    gw_sleep_ms(ms);
    for (int i = 0; i < here; i++)
        pthread_mutex_lock(&mutex);
    depth = here;
}
