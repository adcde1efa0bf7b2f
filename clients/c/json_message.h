/* JSON-RPC 2.0 messages as a client reads and writes them. Pure functions on bytes.
 *
 * What is read stays text: slices of the message, so that ids and numbers are what they were. */
#ifndef LEGGIO_CLIENTS_C_JSON_MESSAGE_H
#define LEGGIO_CLIENTS_C_JSON_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A JSON value as it was written; at NULL when it is not there. */
struct json_slice {
    const char *at;
    size_t len;
};

enum json_message_kind {
    JSON_MESSAGE_NONE,         /* no JSON-RPC 2.0 */
    JSON_MESSAGE_REQUEST,      /* method, id, params? */
    JSON_MESSAGE_NOTIFICATION, /* method, params? */
    JSON_MESSAGE_RESULT,       /* id, result */
    JSON_MESSAGE_ERROR,        /* id, error */
};

struct json_message {
    enum json_message_kind kind;
    struct json_slice id, method, params, result, error;
};

/* Is it one JSON value and nothing else? Nesting, UTF-8 and numbers are jansson's to judge; whole
 * numbers of any size are fine. */
bool json_message_is_json(const char *text, size_t len);

/* What one value of checked JSON text is. */
void json_message_read(struct json_slice text, struct json_message *message);

/* Walks over an array of checked JSON: *at starts as 0. false: no more, or no array. */
bool json_message_item(struct json_slice array, size_t *at, struct json_slice *item);
bool json_message_is_array(struct json_slice text);

/* The newest member of this name; not there when text is no object. */
struct json_slice json_message_member(struct json_slice object, const char *name);

/* A whole number that fits. */
bool json_message_unsigned(struct json_slice text, uint64_t *value);
bool json_message_int(struct json_slice text, int *value);

/* Decoded text of a string, to free(); NULL when it is none (or out of memory). */
char *json_message_string(struct json_slice text);
/* The slice with a NUL; NULL when it is not there (or out of memory). */
char *json_message_copy(struct json_slice text);

/* Text of a message, to free(); NULL when out of memory. method and message are UTF-8; params,
 * result, data JSON or NULL. id 0: a notification. */
char *json_message_call(uint64_t id, const char *method, const char *params);
char *json_message_result(struct json_slice id, const char *result);
char *json_message_error(struct json_slice id, int code, const char *message, const char *data);

#endif
