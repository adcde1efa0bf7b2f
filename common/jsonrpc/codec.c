/* Messages in, messages out. The JSON library says whether a text is JSON and
 * what is in it; scan.c finds the ids as they stand there. */
#include "common/jsonrpc/codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/jsonrpc/plain.h"
#include "common/jsonrpc/scan.h"
#include "proto/limits.h"

static const char VERSION[] = "2.0";

struct jsonrpc_limits jsonrpc_limits_default(void) {
    return (struct jsonrpc_limits){
        .depth = LIMIT_JSON_DEPTH, .values = LIMIT_JSON_VALUES, .calls = LIMIT_RPC_BATCH_CALLS};
}

const char *jsonrpc_code_text(int code) {
    switch (code) {
    case JSONRPC_PARSE_ERROR:
        return "Parse error";
    case JSONRPC_INVALID_REQUEST:
        return "Invalid Request";
    case JSONRPC_UNKNOWN_METHOD:
        return "Method not found";
    case JSONRPC_BAD_PARAMS:
        return "Invalid params";
    case JSONRPC_INTERNAL:
        return "Internal error";
    case JSONRPC_NO_SESSION:
        return "reconnection error";
    default:
        return "error";
    }
}

/* -- parsing ---------------------------------------------------------------- */

/* Digits that a number must have at this place; how many there are. */
static size_t count_digits(const char *text, size_t len) {
    size_t n = 0;
    while (n < len && text[n] >= '0' && text[n] <= '9') {
        n++;
    }
    return n;
}

/* source: RFC 8259 section 6 */
static bool is_number(const char *text, size_t len) {
    size_t at = len > 0 && text[0] == '-';
    size_t n = count_digits(text + at, len - at);
    if (n == 0 || (n > 1 && text[at] == '0')) {
        return false;
    }
    at += n;
    if (at < len && text[at] == '.') {
        n = count_digits(text + at + 1, len - at - 1);
        if (n == 0) {
            return false;
        }
        at += 1 + n;
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < len && (text[at] == '+' || text[at] == '-');
        n = count_digits(text + at, len - at);
        return n > 0 && at + n == len;
    }
    return at == len;
}

static bool is_usable_id(struct scan_span id) {
    if (id.len == 0 || id.len > JSONRPC_ID_BYTES_MAX) {
        return false;
    }
    return id.text[0] == '"' || is_number(id.text, id.len) ||
           (id.len == 4 && memcmp(id.text, "null", 4) == 0);
}

static void invalidate(struct jsonrpc_message *message, const char *why) {
    message->kind = JSONRPC_INVALID;
    message->code = JSONRPC_INVALID_REQUEST;
    message->why = why;
}

/* The raw id into the message. Returns how many there are. */
static size_t read_id(struct scan_span text, struct jsonrpc_message *message) {
    struct scan_span id = {NULL, 0};
    size_t n = scan_member(text, "id", &id);
    if (n == 1 && is_usable_id(id)) {
        message->id = id.text;
        message->id_len = id.len;
    }
    return n;
}

static bool has_version(const json_t *object) {
    const char *version = json_string_value(json_object_get(object, "jsonrpc"));
    return version != NULL && strcmp(version, VERSION) == 0;
}

static void read_response(const json_t *object, struct jsonrpc_message *message) {
    message->kind = JSONRPC_RESPONSE;
    message->result = json_object_get(object, "result");
    message->error = json_object_get(object, "error");
    if (message->result != NULL && message->error != NULL) {
        message->result = message->error = NULL; /* neither can be believed */
    }
}

static bool is_text(const json_t *string) {
    return strlen(json_string_value(string)) == json_string_length(string);
}

/* One element of a batch, or the only message. */
static void read_message(json_t *value, struct scan_span text, struct jsonrpc_message *message) {
    *message = (struct jsonrpc_message){.kind = JSONRPC_REQUEST};
    if (!json_is_object(value)) {
        invalidate(message, "a request is an object");
        return;
    }
    json_t *method = json_object_get(value, "method");
    json_t *params = json_object_get(value, "params");
    size_t n_ids = read_id(text, message);
    if (method == NULL && (json_object_get(value, "result") || json_object_get(value, "error"))) {
        read_response(value, message);
        return;
    }
    bool is_ping = json_is_string(method) && strcmp(json_string_value(method), "ping") == 0;
    if (!has_version(value)) {
        invalidate(message, "member jsonrpc: \"2.0\" is expected");
    } else if (!json_is_string(method) || !is_text(method)) {
        invalidate(message, "member method: a string is expected");
    } else if (n_ids > 1) {
        invalidate(message, "member id: it is there more than once");
    } else if (n_ids == 1 && message->id == NULL) {
        invalidate(message,
                   "member id: a string, a number or null of at most 256 bytes is expected");
    } else if (params != NULL && !json_is_object(params) && !json_is_array(params) && !is_ping) {
        invalidate(message, "member params: an object or an array is expected");
    } else {
        message->kind = n_ids == 0 ? JSONRPC_NOTIFICATION : JSONRPC_REQUEST;
        message->method = json_string_value(method);
        message->params = json_is_object(params) || json_is_array(params) ? params : NULL;
    }
}

/* A text of one invalid message. */
static int give_up(struct jsonrpc_parsed *parsed, int code, const char *why) {
    json_decref(parsed->root);
    *parsed = (struct jsonrpc_parsed){.n_messages = 1};
    parsed->one = (struct jsonrpc_message){.kind = JSONRPC_INVALID, .code = code, .why = why};
    parsed->messages = &parsed->one;
    return 0;
}

/* Numbers that are too large for the library are JSON all the same; as ids they
 * are even welcome. So: ids out of the way, then the rest as real numbers. */
static void hide_id(char *copy, const char *text, struct scan_span object) {
    struct scan_span id;
    if (scan_member(object, "id", &id) == 1 && is_number(id.text, id.len)) {
        memset(copy + (id.text - text), ' ', id.len);
        copy[id.text - text] = '0';
    }
}

static json_t *load_large_numbers(const char *text, size_t size_bytes, size_t flags,
                                  json_error_t *error) {
    char *copy = malloc(size_bytes);
    struct scan_span all = {text, size_bytes}, value, rest;
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, text, size_bytes);
    if (scan_value(all, &value, &rest) && value.text[0] == '[') {
        struct scan_span inside = {value.text + 1, value.len - 1}, item;
        while (scan_item(&inside, &item)) {
            hide_id(copy, text, item);
        }
    } else {
        hide_id(copy, text, all);
    }
    json_t *root = json_loadb(copy, size_bytes, flags, error);
    if (root == NULL && json_error_code(error) == json_error_numeric_overflow) {
        root = json_loadb(copy, size_bytes, flags | JSON_DECODE_INT_AS_REAL, error);
    }
    free(copy);
    return root;
}

static json_t *load(const char *text, size_t size_bytes, json_error_t *error) {
    const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_t *root = json_loadb(text, size_bytes, flags, error);
    if (root == NULL && json_error_code(error) == json_error_numeric_overflow) {
        root = load_large_numbers(text, size_bytes, flags, error);
    }
    return root;
}

static int read_batch(const char *text, size_t size_bytes, struct jsonrpc_parsed *parsed) {
    struct scan_span all = {text, size_bytes}, array, rest, item;
    size_t n = json_array_size(parsed->root);
    parsed->messages = calloc(n, sizeof *parsed->messages);
    if (parsed->messages == NULL) {
        json_decref(parsed->root);
        return LG_ENOMEM;
    }
    parsed->is_batch = true;
    parsed->n_messages = n;
    scan_value(all, &array, &rest);
    struct scan_span inside = {array.text + 1, array.len - 1};
    for (size_t i = 0; i < n; i++) {
        item = (struct scan_span){NULL, 0};
        scan_item(&inside, &item);
        read_message(json_array_get(parsed->root, i), item, &parsed->messages[i]);
    }
    return 0;
}

int jsonrpc_parse(const char *text, size_t size_bytes, const struct jsonrpc_limits *limits,
                  struct jsonrpc_parsed *parsed) {
    struct jsonrpc_limits usual = jsonrpc_limits_default();
    json_error_t error = {.line = 0};
    limits = limits != NULL ? limits : &usual;
    if (plain_request(text, size_bytes, parsed)) {
        return 0;
    }
    *parsed = (struct jsonrpc_parsed){.n_messages = 0};
    struct scan_shape shape = scan_shape(text, size_bytes, limits->depth);
    if (shape.depth > limits->depth) {
        return give_up(parsed, JSONRPC_INVALID_REQUEST,
                       "too many arrays and objects in each other");
    }
    if (shape.n_values > limits->values) {
        return give_up(parsed, JSONRPC_INVALID_REQUEST, "too many values in one message");
    }
    parsed->root = load(text, size_bytes, &error);
    if (parsed->root == NULL) {
        switch (json_error_code(&error)) {
        case json_error_numeric_overflow:
            return give_up(parsed, JSONRPC_INVALID_REQUEST, "a number is too large");
        case json_error_null_byte_in_key:
            return give_up(parsed, JSONRPC_INVALID_REQUEST, "a name has a NUL inside");
        case json_error_out_of_memory:
            return LG_ENOMEM;
        default:
            return give_up(parsed, JSONRPC_PARSE_ERROR, "this is not JSON");
        }
    }
    if (!json_is_array(parsed->root)) {
        struct scan_span all = {text, size_bytes};
        parsed->n_messages = 1;
        parsed->messages = &parsed->one;
        read_message(parsed->root, all, &parsed->one);
        return 0;
    }
    if (json_array_size(parsed->root) == 0) {
        return give_up(parsed, JSONRPC_INVALID_REQUEST, "a batch has at least one call");
    }
    if (json_array_size(parsed->root) > limits->calls) {
        return give_up(parsed, JSONRPC_INVALID_REQUEST, "too many calls in one batch");
    }
    return read_batch(text, size_bytes, parsed);
}

void jsonrpc_parsed_finish(struct jsonrpc_parsed *parsed) {
    if (parsed->messages != &parsed->one) {
        free(parsed->messages);
    }
    json_decref(parsed->root);
    *parsed = (struct jsonrpc_parsed){.n_messages = 0};
}

/* -- printing ----------------------------------------------------------------- */

/* Pieces one after another into a fresh text. */
static char *join(const struct scan_span *pieces, size_t n_pieces) {
    size_t len = 0;
    for (size_t i = 0; i < n_pieces; i++) {
        len += pieces[i].len;
    }
    char *text = malloc(len + 1), *at = text;
    if (text == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n_pieces; i++) {
        if (pieces[i].len > 0) {
            memcpy(at, pieces[i].text, pieces[i].len);
            at += pieces[i].len;
        }
    }
    *at = '\0';
    return text;
}

#define PIECE(literal)                                                                             \
    { (literal), sizeof(literal) - 1 }

static struct scan_span id_piece(const char *id, size_t id_len) {
    return id != NULL ? (struct scan_span){id, id_len} : (struct scan_span)PIECE("null");
}

char *jsonrpc_print_raw_result(const char *id, size_t id_len, const char *json, size_t size_bytes) {
    const struct scan_span pieces[] = {PIECE("{\"jsonrpc\":\"2.0\",\"id\":"),
                                       id_piece(id, id_len),
                                       PIECE(",\"result\":"),
                                       {json, size_bytes},
                                       PIECE("}")};
    return join(pieces, sizeof pieces / sizeof pieces[0]);
}

/* Any value as JSON; free(). */
static char *dump(const json_t *value) {
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

char *jsonrpc_print_result(const char *id, size_t id_len, const json_t *result) {
    if (result == NULL) {
        return jsonrpc_print_raw_result(id, id_len, "{}", 2);
    }
    char *json = dump(result);
    char *text = json != NULL ? jsonrpc_print_raw_result(id, id_len, json, strlen(json)) : NULL;
    free(json);
    return text;
}

char *jsonrpc_print_error(const char *id, size_t id_len, int code, const char *message,
                          const json_t *data) {
    json_t *error = json_pack("{s:i, s:s}", "code", code, "message", message);
    if (error == NULL ||
        (data != NULL && json_object_set(error, "data", (json_t *)(uintptr_t)data) != 0)) {
        json_decref(error);
        return NULL;
    }
    char *json = dump(error);
    json_decref(error);
    const struct scan_span pieces[] = {PIECE("{\"jsonrpc\":\"2.0\",\"id\":"),
                                       id_piece(id, id_len),
                                       PIECE(",\"error\":"),
                                       {json, json != NULL ? strlen(json) : 0},
                                       PIECE("}")};
    char *text = json != NULL ? join(pieces, sizeof pieces / sizeof pieces[0]) : NULL;
    free(json);
    return text;
}

char *jsonrpc_print_request(const char *id, size_t id_len, const char *method,
                            const json_t *params) {
    json_t *name = json_string(method);
    char *name_json = name != NULL ? dump(name) : NULL;
    char *params_json = params != NULL ? dump(params) : NULL;
    char *text = NULL;
    if (name_json != NULL && (params == NULL || params_json != NULL)) {
        const struct scan_span pieces[] = {
            PIECE("{\"jsonrpc\":\"2.0\",\"method\":"),
            {name_json, strlen(name_json)},
            {",\"params\":", params_json != NULL ? 10 : 0},
            {params_json, params_json != NULL ? strlen(params_json) : 0},
            {",\"id\":", id != NULL ? 6 : 0},
            {id, id != NULL ? id_len : 0},
            PIECE("}")};
        text = join(pieces, sizeof pieces / sizeof pieces[0]);
    }
    json_decref(name);
    free(name_json);
    free(params_json);
    return text;
}
