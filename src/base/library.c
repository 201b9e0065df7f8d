#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>

static gw_rc
fail_load(const gw_library *library, const char *reason, gw_err *e)
{
    (void)gw_fail(e, GODWIT_CONNECT, "the library %s cannot be used: %s", library->file, reason);
    return gw_err_hint(e, "install it: on Debian it is in the package %s", library->package);
}

static size_t
count_names(const gw_library *library)
{
    size_t count = 0;
    while (library->names[count] != NULL)
        count++;
    return count;
}

static gw_rc
load(const gw_library *library, gw_err *e)
{
    if (library->linked != NULL) {
        memcpy(library->functions, library->linked, count_names(library) * sizeof(void *));
        return GODWIT_OK;
    }
    void *const handle = dlopen(library->file, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL)
        return fail_load(library, dlerror(), e);
    for (size_t i = 0; library->names[i] != NULL; i++) {
        void *const function = dlsym(handle, library->names[i]);
        if (function == NULL)
            return fail_load(library, dlerror(), e);
        memcpy((char *)library->functions + i * sizeof(function), &function, sizeof(function));
    }
    return GODWIT_OK;
}

gw_rc
gw_library_load(gw_library *library, gw_err *e)
{
    static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&loading);
    const gw_rc rc = library->is_loaded ? GODWIT_OK : load(library, e);
    library->is_loaded = rc == GODWIT_OK;
    pthread_mutex_unlock(&loading);
    return rc;
}
