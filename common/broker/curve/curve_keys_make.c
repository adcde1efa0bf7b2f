/* Making keys: folders and files of `leggio-keys curve`. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <czmq.h>

#include "common/broker/curve/curve_keys.h"
#include "common/err.h"

struct maker {
    const char *dir;
    char *why;
    size_t size_bytes;
};

static int failed(const struct maker *maker, const char *path) {
    snprintf(maker->why, maker->size_bytes, "cannot write %s: %s", path, strerror(errno));
    return LG_EINTERNAL;
}

static bool path_of(const struct maker *maker, const char *name, char path[CURVE_PATH_ROOM]) {
    int len = snprintf(path, CURVE_PATH_ROOM, "%s/%s", maker->dir, name);
    return len > 0 && len < CURVE_PATH_ROOM;
}

static int make_folder(const struct maker *maker, const char *name) {
    char path[CURVE_PATH_ROOM];
    if (!path_of(maker, name, path) || (mkdir(path, 0700) != 0 && errno != EEXIST)) {
        return failed(maker, path);
    }
    return LG_OK;
}

static int save(const struct maker *maker, zcert_t *cert, const char *name, bool has_secret) {
    char path[CURVE_PATH_ROOM];
    if (!path_of(maker, name, path)) {
        return failed(maker, name);
    }
    int code = has_secret ? zcert_save_secret(cert, path) : zcert_save_public(cert, path);
    if (code != 0 || (has_secret && chmod(path, 0600) != 0)) {
        return failed(maker, path);
    }
    return LG_OK;
}

/* A client's own folder, and its public key where it will be asked for. */
static int make_client(const struct maker *maker, const char *name, zcert_t *server) {
    char path[CURVE_PATH_ROOM];
    zcert_t *client = zcert_new();
    if (client == NULL) {
        return failed(maker, name);
    }
    zcert_set_meta(client, "name", "%s", name);
    int code = make_folder(maker, name);
    static const char *const PLACES[] = {"renderer/clients/%s.key", "relay/clients/%s.key",
                                         "%s/client.key_secret", "%s/server.key"};
    for (size_t i = 0; i < 4 && code == LG_OK; i++) {
        snprintf(path, sizeof path, PLACES[i], name);
        code = save(maker, i == 3 ? server : client, path, i == 2);
    }
    zcert_destroy(&client);
    return code;
}

int curve_keys_make(const char *dir, char *why, size_t size_bytes) {
    static const char *const FOLDERS[] = {"", "renderer", "renderer/clients", "relay",
                                          "relay/clients"};
    struct maker maker = {dir, why, size_bytes};
    char path[CURVE_PATH_ROOM];
    if (path_of(&maker, "renderer/server.key_secret", path) && access(path, F_OK) == 0) {
        return LG_EOLD;
    }
    zcert_t *server = zcert_new();
    int code = server == NULL ? failed(&maker, dir) : LG_OK;
    for (size_t i = 0; i < sizeof FOLDERS / sizeof FOLDERS[0] && code == LG_OK; i++) {
        code = make_folder(&maker, FOLDERS[i]);
    }
    if (code == LG_OK && (code = make_client(&maker, "gateway", server)) == LG_OK &&
        (code = make_client(&maker, "relay", server)) == LG_OK &&
        (code = save(&maker, server, "relay/server.key_secret", true)) == LG_OK) {
        /* Last: with it the keys are whole. */
        code = save(&maker, server, "renderer/server.key_secret", true);
    }
    zcert_destroy(&server);
    return code;
}

int curve_keys_add(const char *dir, const char *name, char *why, size_t size_bytes) {
    struct maker maker = {dir, why, size_bytes};
    char path[CURVE_PATH_ROOM], own[CURVE_PATH_ROOM];
    if (!path_of(&maker, "gateway/server.key", path) ||
        snprintf(own, sizeof own, "%s/%s/client.key_secret", dir, name) >= (int)sizeof own) {
        return failed(&maker, dir);
    }
    if (access(own, F_OK) == 0) {
        return LG_EOLD;
    }
    zcert_t *server = zcert_load(path);
    if (server == NULL) {
        snprintf(why, size_bytes, "%s is not there; make the first keys without --name", path);
        return LG_ENOTFOUND;
    }
    int code = make_client(&maker, name, server);
    zcert_destroy(&server);
    return code;
}
