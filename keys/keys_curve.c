/* leggio-keys curve: the folders of --curve-keys. */
#include <stdio.h>

#include "common/broker/curve/curve_keys.h"
#include "common/err.h"
#include "keys/keys.h"

int keys_curve(const struct options *options) {
    const char *const *words;
    char why[CURVE_PATH_ROOM + 128];
    const char *name = options_string(options, "name");
    options_list(options, "command", &words); /* curve DIR: checked */
    const char *dir = words[1];
    int code = name != NULL ? curve_keys_add(dir, name, why, sizeof why)
                            : curve_keys_make(dir, why, sizeof why);
    if (code == LG_EOLD) { /* no error, so that a start script need not look first */
        fprintf(stderr, "leggio-keys: the keys of %s are there already and stay\n", dir);
        return 0;
    }
    if (code != LG_OK) {
        fprintf(stderr, "leggio-keys: %s\n", why);
        return 1;
    }
    if (name != NULL) {
        printf("%s/%s  for that gateway; renderer and relays hear of it on SIGHUP\n", dir, name);
    } else {
        printf("%s/renderer  for leggio-renderer\n%s/gateway   for leggio-http and leggio-ws\n"
               "%s/relay     for leggio-relay\n",
               dir, dir, dir);
    }
    return 0;
}
