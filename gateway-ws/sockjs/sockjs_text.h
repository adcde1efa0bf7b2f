/* Text that grows, and what SockJS writes into it: JSON strings, frames.
 * source: the SockJS protocol, "Protocol and framing" */
#ifndef LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_TEXT_H
#define LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: empty. */
struct sockjs_text {
    char *bytes;
    size_t size_bytes;
    size_t room_bytes;
};

void sockjs_text_finish(struct sockjs_text *text);
/* false: out of memory, nothing added. */
bool sockjs_text_add(struct sockjs_text *text, const char *bytes, size_t size_bytes);
/* The same as the inside of a JSON string. May be called with parts of a text,
 * cut anywhere. */
bool sockjs_text_escape(struct sockjs_text *text, const uint8_t *bytes, size_t size_bytes);

enum { SOCKJS_CLOSE_ROOM = 800 };

/* `c[code,"reason"]`, NUL-terminated. reason: cut after 120 bytes. Returns its length. */
size_t sockjs_close_frame(char text[SOCKJS_CLOSE_ROOM], unsigned code, const char *reason);

/* What a client sends: an array of strings, each one message (or, where
 * takes_one, one string). NULL when it is nothing of this kind. */
struct sockjs_messages;
struct sockjs_messages *sockjs_messages_read(const char *json, size_t size_bytes, bool takes_one);
void sockjs_messages_destroy(struct sockjs_messages *messages); /* NULL is fine */
/* The next one, NULL after the last. Borrowed until destroy; UTF-8. */
const char *sockjs_messages_next(struct sockjs_messages *messages, size_t *size_bytes);

#endif
