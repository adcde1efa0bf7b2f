/* What a language spoken over a connection is to the rest: one table. The
 * INScore dialect is dialect_inscore.c, JSON-RPC is rpc/dialect_jsonrpc.c.
 *
 * All functions run on the loop thread. Requests of one connection come one
 * after another: while a call is under way (ws_connection_call) no further
 * message is delivered.
 */
#ifndef LEGGIO_GATEWAY_WS_DIALECT_H
#define LEGGIO_GATEWAY_WS_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call_reply;
struct ws_connection;

struct dialect {
    const char *name;
    void (*on_open)(struct ws_connection *connection);
    /* A whole text message, valid UTF-8, not NUL-terminated, borrowed. */
    void (*on_message)(struct ws_connection *connection, const char *text, size_t size_bytes);
    /* A version newer than the last one told is due. Returns 0 when the client
     * was told (or does not want to be), 1 when it must be asked again as soon
     * as the client can take something, -1 when the connection is broken. */
    int (*on_frame)(struct ws_connection *connection);
    /* The whole frame that on_frame would send to this client now, when it
     * stays the same until the loop goes on (borrowed so long); NULL: only
     * on_frame can tell this client. */
    const uint8_t *(*prepared_frame)(struct ws_connection *connection, size_t *size_bytes);
    /* The answer to ws_connection_call; cookie is freed by the caller. */
    void (*on_reply)(struct ws_connection *connection, void *cookie,
                     const struct call_reply *reply);
    /* The same for ws_connection_when_shown; cookie is taken over. */
    void (*on_shown)(struct ws_connection *connection, void *cookie);
    /* No picture can be had for a reply that starts so: a fresh text instead. */
    char *(*on_no_picture)(const char *start);
    void (*on_close)(struct ws_connection *connection);
};

extern const struct dialect dialect_inscore;
extern const struct dialect dialect_jsonrpc; /* rpc/dialect_jsonrpc.c */

/* A message of the INScore dialect that is JSON-RPC: the connection speaks that from
 * now on, and the message is handled. false: it is not. */
bool dialect_turn(struct ws_connection *connection, const char *text, size_t size_bytes);

#endif
