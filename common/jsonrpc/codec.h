/* JSON-RPC 2.0 as text: messages into their parts, parts into messages. Pure
 * functions; a server and a client use the same ones.
 *
 * Ids are kept as they stand in the text (`7`, `"a"`, `1.50`, `null`), so that
 * an answer repeats them byte for byte.
 *
 * source: https://www.jsonrpc.org/specification
 */
#ifndef LEGGIO_COMMON_JSONRPC_CODEC_H
#define LEGGIO_COMMON_JSONRPC_CODEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum jsonrpc_code {
    JSONRPC_PARSE_ERROR = -32700,
    JSONRPC_INVALID_REQUEST = -32600,
    JSONRPC_UNKNOWN_METHOD = -32601,
    JSONRPC_BAD_PARAMS = -32602,
    JSONRPC_INTERNAL = -32603,
    JSONRPC_NO_SESSION = 40007, /* "reconnection error" */
};

enum { JSONRPC_ID_BYTES_MAX = 256 }; /* a longer id is none */

enum jsonrpc_kind {
    JSONRPC_REQUEST,
    JSONRPC_NOTIFICATION,
    JSONRPC_RESPONSE,
    JSONRPC_INVALID, /* to be answered with error `code` and `why` */
};

struct jsonrpc_message {
    enum jsonrpc_kind kind;
    const char *id; /* raw token, borrowed from the text; NULL = none, or none that may be used */
    size_t id_len;
    const char *method; /* request, notification; NUL-terminated */
    json_t *params;     /* object, array or NULL */
    json_t *result;     /* response: exactly one of these two is set, unless it is malformed */
    json_t *error;
    int code;        /* JSONRPC_INVALID */
    const char *why; /* JSONRPC_INVALID: static text; for a person */
};

struct jsonrpc_limits {
    size_t depth;  /* arrays and objects in each other */
    size_t values; /* in one text: many small ones cost much more memory than their text */
    size_t calls;  /* in one batch */
};
struct jsonrpc_limits jsonrpc_limits_default(void);

/* A parsed text. Everything in it lives until jsonrpc_parsed_finish and as long
 * as the text. */
struct jsonrpc_parsed {
    bool is_batch;
    size_t n_messages; /* at least 1 */
    struct jsonrpc_message *messages;
    /* private */
    json_t *root; /* NULL: read without the library (plain.h) */
    struct jsonrpc_message one;
    char plain_method[64];
};

/* Cut a text into messages. What is wrong with the whole (not JSON, an empty
 * batch, a limit) is one JSONRPC_INVALID message and no batch. limits NULL =
 * default. Returns 0, or LG_ENOMEM (then there is nothing to finish). */
int jsonrpc_parse(const char *text, size_t size_bytes, const struct jsonrpc_limits *limits,
                  struct jsonrpc_parsed *parsed);
void jsonrpc_parsed_finish(struct jsonrpc_parsed *parsed);

/* -- printing: fresh texts, to be freed by free(); NULL when out of memory. -- */

/* id NULL = null. Steals nothing. result NULL = {}. */
char *jsonrpc_print_result(const char *id, size_t id_len, const json_t *result);
/* The same with a result that is JSON text already. */
char *jsonrpc_print_raw_result(const char *id, size_t id_len, const char *json, size_t size_bytes);
/* data NULL = none. */
char *jsonrpc_print_error(const char *id, size_t id_len, int code, const char *message,
                          const json_t *data);
/* id NULL = a notification. params NULL = none. */
char *jsonrpc_print_request(const char *id, size_t id_len, const char *method,
                            const json_t *params);

/* The message that the specification has for a reserved code, else "error". */
const char *jsonrpc_code_text(int code);

#endif
