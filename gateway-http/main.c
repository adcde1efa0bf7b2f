/* leggio-http: the HTTP gateway of a live score. */
#include "common/options.h"
#include "gateway-http/gateway.h"

int main(int argc, char **argv) {
    int status = 0;
    struct options *options = options_load(&GATEWAY_OPTIONS, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    options_open_log(options);
    status = gateway_run(options);
    options_destroy(options);
    return status;
}
