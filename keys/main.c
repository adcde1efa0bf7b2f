/* leggio-keys: reads the options and runs the command. */
#include <string.h>

#include "keys/keys.h"

int main(int argc, char **argv) {
    int status;
    struct options *options = options_load(&KEYS_TABLE, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    const char *const *words;
    options_list(options, "command", &words); /* one at least: checked */
    status = strcmp(words[0], "token") == 0 ? keys_token(options) : keys_curve(options);
    options_destroy(options);
    return status;
}
