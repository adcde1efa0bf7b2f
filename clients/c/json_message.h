/* JSON-RPC 2.0 messages as a client reads and writes them. Pure functions on bytes.
 *
 * What is read stays text: spans of the message (text NULL: not there), so that ids and numbers are
 * what they were. The server's codec makes trees, which a program that is given text has no use
 * for. */
#ifndef LEGGIO_CLIENTS_C_JSON_MESSAGE_H
#define LEGGIO_CLIENTS_C_JSON_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/jsonrpc/scan.h"

enum json_message_kind {
    JSON_MESSAGE_NONE,         /* no JSON-RPC 2.0 */
    JSON_MESSAGE_REQUEST,      /* method, id, params? */
    JSON_MESSAGE_NOTIFICATION, /* method, params? */
    JSON_MESSAGE_RESULT,       /* id, result */
    JSON_MESSAGE_ERROR,        /* id, error */
};

struct json_message {
    enum json_message_kind kind;
    struct scan_span id, method, params, result, error;
};

/* Is it one JSON value and nothing else? Nesting, UTF-8 and numbers are jansson's to judge; whole
 * numbers of any size are fine. */
bool json_message_is_json(const char *text, size_t len);

/* What one value of checked JSON text is. */
void json_message_read(struct scan_span text, struct json_message *message);

/* Walks over an array of checked JSON: *at starts as 0. false: no more, or no array. */
bool json_message_item(struct scan_span array, size_t *at, struct scan_span *item);
bool json_message_is_array(struct scan_span text);

/* The newest member of this name; not there when text is no object. */
struct scan_span json_message_member(struct scan_span object, const char *name);

/* A whole number that fits. */
bool json_message_unsigned(struct scan_span text, uint64_t *value);
bool json_message_int(struct scan_span text, int *value);

/* Decoded text of a string, to free(); NULL when it is none (or out of memory). */
char *json_message_string(struct scan_span text);
/* The slice with a NUL; NULL when it is not there (or out of memory). */
char *json_message_copy(struct scan_span text);

/* Text of a message, to free(); NULL when out of memory. method and message are UTF-8; params,
 * result, data JSON or NULL. id 0: a notification. */
char *json_message_call(uint64_t id, const char *method, const char *params);
char *json_message_result(struct scan_span id, const char *result);
char *json_message_error(struct scan_span id, int code, const char *message, const char *data);

#endif
