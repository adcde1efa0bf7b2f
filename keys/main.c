/* leggio-keys: reads the options and runs the command. */
#include "keys/keys.h"

int main(int argc, char **argv) {
    int status;
    struct options *options = options_load(&KEYS_TABLE, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    status = keys_token(options);
    options_destroy(options);
    return status;
}
