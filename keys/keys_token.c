/* leggio-keys token: the secret to the terminal, its hash to the file. */
#include <sodium.h>
#include <stdio.h>

#include "common/access/auth_tokens.h"
#include "keys/keys.h"

int keys_token(const struct options *options) {
    char token[AUTH_TOKEN_ROOM], hash[AUTH_HASH_TEXT_ROOM];
    const char *label = options_string(options, "label");
    if (sodium_init() < 0) {
        fprintf(stderr, "leggio-keys: the system gives no random numbers\n");
        return 1;
    }
    auth_token_make(token, hash);
    printf("%s %s%s%s\n", options_string(options, "role"), hash, label != NULL ? " " : "",
           label != NULL ? label : "");
    if (fflush(stdout) != 0) { /* then the token is worth nothing: do not show it */
        perror("leggio-keys: standard output");
        return 1;
    }
    fprintf(stderr, "%s\n", token);
    sodium_memzero(token, sizeof token);
    return 0;
}
