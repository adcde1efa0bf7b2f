/* See endpoint.h. */
#include "common/endpoint.h"

#include <string.h>

bool endpoint_is_local(const char *endpoint) {
    static const char *const PREFIXES[] = {"ipc://",           "inproc://",    "tcp://127.",
                                           "tcp://localhost:", "tcp://[::1]:", "tcp://lo:"};
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        if (strncmp(endpoint, PREFIXES[i], strlen(PREFIXES[i])) == 0) {
            return true;
        }
    }
    return false;
}
