/* Loading keys and giving them to sockets. Making them: curve_keys_make.c; who
 * is let in: curve_zap.c. */
#include "common/broker/curve/curve_keys.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <czmq.h>

#include "common/err.h"

static bool join(char path[CURVE_PATH_ROOM], const char *dir, const char *name) {
    int len = snprintf(path, CURVE_PATH_ROOM, "%s/%s", dir, name);
    return len > 0 && len < CURVE_PATH_ROOM;
}

/* Does a file exist, is it one, and may none but its owner (and group) read a secret? */
static int check_file(const char *path, bool is_secret, char *why, size_t size_bytes) {
    struct stat facts;
    if (stat(path, &facts) != 0) {
        snprintf(why, size_bytes, "cannot read %s: %s", path, strerror(errno));
        return LG_ENOTFOUND;
    }
    if (!S_ISREG(facts.st_mode)) {
        snprintf(why, size_bytes, "%s is no file", path);
        return LG_EBADREQUEST;
    }
    if (is_secret && (facts.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        snprintf(why, size_bytes, "%s is open to others (mode %04o); use mode 0600 or 0640", path,
                 (unsigned)facts.st_mode & 07777);
        return LG_EFORBIDDEN;
    }
    return LG_OK;
}

/* secret_key NULL: the public part is enough. */
static int load(const char *dir, const char *name, uint8_t *public_key, uint8_t *secret_key,
                char *why, size_t size_bytes) {
    static const uint8_t NOTHING[CURVE_KEY_BYTES];
    char path[CURVE_PATH_ROOM];
    if (!join(path, dir, name)) {
        snprintf(why, size_bytes, "%s/%s: the path is too long", dir, name);
        return LG_EBADREQUEST;
    }
    int code = check_file(path, secret_key != NULL, why, size_bytes);
    if (code != LG_OK) {
        return code;
    }
    zconfig_t *root = zconfig_load(path);
    const char *public_text = root != NULL ? zconfig_get(root, "/curve/public-key", "") : "";
    const char *secret_text = root != NULL ? zconfig_get(root, "/curve/secret-key", "") : "";
    bool is_good = strlen(public_text) == 40 && zmq_z85_decode(public_key, public_text) != NULL &&
                   memcmp(public_key, NOTHING, sizeof NOTHING) != 0;
    if (secret_key != NULL) {
        is_good =
            is_good && strlen(secret_text) == 40 && zmq_z85_decode(secret_key, secret_text) != NULL;
    }
    zconfig_destroy(&root);
    if (!is_good) {
        snprintf(why, size_bytes, "%s holds no %s key; make one with `leggio-keys curve`", path,
                 secret_key != NULL ? "secret" : "public");
        return LG_EBADREQUEST;
    }
    return LG_OK;
}

int curve_client_keys_load(const char *dir, struct curve_client_keys *keys, char *why,
                           size_t size_bytes) {
    int code = load(dir, "client.key_secret", keys->public_key, keys->secret_key, why, size_bytes);
    return code == LG_OK ? load(dir, "server.key", keys->server_key, NULL, why, size_bytes) : code;
}

int curve_server_keys_load(const char *dir, struct curve_server_keys *keys, char *why,
                           size_t size_bytes) {
    return load(dir, "server.key_secret", keys->public_key, keys->secret_key, why, size_bytes);
}

static bool is_key_name(const char *name) {
    size_t len = strlen(name);
    return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".key") == 0;
}

int curve_clients_load(const char *dir, uint8_t (**list)[CURVE_KEY_BYTES], size_t *n, char *why,
                       size_t size_bytes) {
    char folder_path[CURVE_PATH_ROOM];
    DIR *folder = join(folder_path, dir, "clients") ? opendir(folder_path) : NULL;
    uint8_t(*keys)[CURVE_KEY_BYTES] = calloc(CURVE_CLIENTS_MAX, sizeof *keys);
    size_t n_keys = 0;
    int code = LG_OK;
    const struct dirent *entry;
    if (folder == NULL || keys == NULL) {
        snprintf(why, size_bytes, "cannot read %s/clients: %s", dir, strerror(errno));
        code = LG_ENOTFOUND;
    }
    while (code == LG_OK && (entry = readdir(folder)) != NULL) {
        if (!is_key_name(entry->d_name)) {
            continue;
        }
        if (n_keys == CURVE_CLIENTS_MAX) {
            snprintf(why, size_bytes, "%s holds more than %d keys", folder_path, CURVE_CLIENTS_MAX);
            code = LG_ETOOLARGE;
        } else {
            code = load(folder_path, entry->d_name, keys[n_keys++], NULL, why, size_bytes);
        }
    }
    if (code == LG_OK && n_keys == 0) {
        snprintf(why, size_bytes, "%s holds no .key file: nobody could connect", folder_path);
        code = LG_ENOTFOUND;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    if (code != LG_OK) {
        free(keys);
        return code;
    }
    *list = keys;
    *n = n_keys;
    return LG_OK;
}

int curve_client_keys_apply(const struct curve_client_keys *keys, void *socket) {
    if (keys == NULL) {
        return LG_OK;
    }
    bool is_done =
        zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys->server_key, CURVE_KEY_BYTES) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, CURVE_KEY_BYTES) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, CURVE_KEY_BYTES) == 0;
    return is_done ? LG_OK : LG_EINTERNAL;
}

int curve_server_keys_apply(const struct curve_server_keys *keys, void *socket) {
    static const char DOMAIN[] = "leggio";
    int on = 1;
    if (keys == NULL) {
        return LG_OK;
    }
    /* The stable interface of 4.3.4 has no way to refuse when nobody answers for a domain, so the
     * answering thread (curve_zap.c) is there before the bind and until after the close. */
    bool is_done =
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, DOMAIN, sizeof DOMAIN - 1) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) == 0 &&
        zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, CURVE_KEY_BYTES) == 0;
    return is_done ? LG_OK : LG_EINTERNAL;
}
