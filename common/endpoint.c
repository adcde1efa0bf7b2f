/* See endpoint.h. */
#include "common/endpoint.h"

#include <string.h>

bool endpoint_is_local(const char *endpoint) {
    static const char *const PREFIXES[] = {"ipc://", "inproc://",
                                           "tcp://localhost:", "tcp://[::1]:", "tcp://lo:"};
    static const char FOUR[] = "tcp://127.";
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        if (strncmp(endpoint, PREFIXES[i], strlen(PREFIXES[i])) == 0) {
            return true;
        }
    }
    /* In numbers only: "127.example.net" is a name like any other. */
    const char *rest = endpoint + sizeof FOUR - 1;
    return strncmp(endpoint, FOUR, sizeof FOUR - 1) == 0 &&
           rest[strspn(rest, "0123456789.")] == ':';
}
