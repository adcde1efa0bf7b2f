/* A link to one client, whatever carries it: a WebSocket (ws_socket.c) or
 * another transport of whole text messages. Connections know links only.
 * Loop thread only.
 *
 * A link is two pointers, passed by value; it is good from on_open to
 * on_closing of the connection it was given to (ws_server.h).
 */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_LINK_H
#define LEGGIO_GATEWAY_WS_LINK_WS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that must be writable in front of what ws_link_write sends. */
#define WS_LINK_PRE 16

/* One fragment of a message to be written. */
struct ws_link_piece {
    uint8_t *bytes; /* WS_LINK_PRE bytes in front of it are writable */
    size_t size_bytes;
    bool is_first;
    bool is_last;
    bool is_binary; /* the same for all pieces of a message */
};

struct ws_link_ops {
    bool carries_binary;
    int (*write)(void *object, const struct ws_link_piece *piece);
    bool (*is_blocked)(void *object);
    bool (*has_room)(void *object);
    void (*want_writable)(void *object);
    void (*pause_reading)(void *object, bool is_paused);
    int (*ping)(void *object);
    int (*direct_fd)(void *object);
    void (*set_reason)(void *object, uint16_t code, const char *text);
    void (*kill)(void *object);
};

struct ws_link {
    const struct ws_link_ops *ops; /* NULL: no link yet */
    void *object;
};

/* One fragment. Returns 0, or -1: close the connection. */
int ws_link_write(struct ws_link link, const struct ws_link_piece *piece);
/* Is a part of an earlier write still waiting? */
bool ws_link_is_blocked(struct ws_link link);
/* May one more write go out now without waiting? */
bool ws_link_has_room(struct ws_link link);
/* on_writable will come when something can be written. */
void ws_link_want_writable(struct ws_link link);
void ws_link_pause_reading(struct ws_link link, bool is_paused);
/* Ask for a sign of life: on_pong. Returns 0, or -1: close the connection. */
int ws_link_ping(struct ws_link link);
/* The socket that takes prepared WebSocket frames as they are (ws_frame.h), or
 * -1 when every message must go through ws_link_write. */
int ws_link_direct_fd(struct ws_link link);
/* May messages be binary? */
bool ws_link_carries_binary(struct ws_link link);
/* Reason of the close that a nonzero return from an event starts. */
void ws_link_set_reason(struct ws_link link, uint16_t code, const char *text);
/* Drop the connection soon, without a word. */
void ws_link_kill(struct ws_link link);

#endif
