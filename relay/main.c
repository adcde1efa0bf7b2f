/* leggio-relay: options, then the relay. */
#include "relay/relay.h"

int main(int argc, char **argv) {
    int status = 0;
    struct options *options = options_load(&RELAY_OPTIONS, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    options_open_log(options);
    status = relay_run(options);
    options_destroy(options);
    return status;
}
