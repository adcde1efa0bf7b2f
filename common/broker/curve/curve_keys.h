/* The folder of --curve-keys: who may speak to whom on feed and calls. Files are
 * czmq certificates (zcert); `leggio-keys curve` makes them:
 *
 *     renderer/  server.key_secret   its own key
 *                clients/NAME.key    public keys of those who may connect
 *     gateway/   client.key_secret   its own key
 *                server.key          public key of the renderer
 *     relay/     both
 *
 * A secret that others may read, or that others may write, is refused.
 */
#ifndef LEGGIO_COMMON_BROKER_CURVE_CURVE_KEYS_H
#define LEGGIO_COMMON_BROKER_CURVE_CURVE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#define CURVE_KEY_BYTES   32
#define CURVE_CLIENTS_MAX 1024
#define CURVE_PATH_ROOM   4096

/* Of who connects. */
struct curve_client_keys {
    uint8_t public_key[CURVE_KEY_BYTES], secret_key[CURVE_KEY_BYTES];
    uint8_t server_key[CURVE_KEY_BYTES];
};

/* Of who is connected to. */
struct curve_server_keys {
    uint8_t public_key[CURVE_KEY_BYTES], secret_key[CURVE_KEY_BYTES];
};

/* 0; or LG_ENOTFOUND / LG_EFORBIDDEN / LG_EBADREQUEST and why, with the file. */
int curve_client_keys_load(const char *dir, struct curve_client_keys *keys, char *why,
                           size_t size_bytes);
int curve_server_keys_load(const char *dir, struct curve_server_keys *keys, char *why,
                           size_t size_bytes);
/* The public keys of clients/: *list, to be freed, of *n keys. No file, no client: an error. */
int curve_clients_load(const char *dir, uint8_t (**list)[CURVE_KEY_BYTES], size_t *n, char *why,
                       size_t size_bytes);

/* A ZeroMQ socket, before it connects or binds. 0 or LG_EINTERNAL. NULL keys: nothing is done. */
int curve_client_keys_apply(const struct curve_client_keys *keys, void *socket);
int curve_server_keys_apply(const struct curve_server_keys *keys, void *socket);

/* -- making ------------------------------------------------------------- */
/* All folders under dir, when there are none yet. 0, LG_EOLD when they are there. */
int curve_keys_make(const char *dir, char *why, size_t size_bytes);
/* One more gateway: folder NAME with a key of its own, known to renderer and relay. */
int curve_keys_add(const char *dir, const char *name, char *why, size_t size_bytes);

#endif
