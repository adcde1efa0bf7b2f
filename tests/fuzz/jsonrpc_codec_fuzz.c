/* Messages of strangers in JSON-RPC: any bytes are cut into messages, and what is
 * answered can be read again, with the id as it stood there. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/jsonrpc/codec.h"
#include "common/jsonrpc/method.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct jsonrpc_param ROWS[] = {
    {.name = "scene", .type = JSONRPC_STRING, .min = 1, .max = 63, .is_optional = true},
    {.name = "width", .type = JSONRPC_INTEGER, .min = 1, .max = 16384, .is_optional = true},
    {.name = "frames", .type = JSONRPC_STRING, .choices = "none|base64", .is_optional = true},
    {.name = "x", .type = JSONRPC_NUMBER, .is_optional = true},
    {.name = "list", .type = JSONRPC_ARRAY, .max = 3, .is_optional = true},
};

static void check_params(json_t *params) {
    json_t *problem;
    json_t *checked = jsonrpc_params_check(ROWS, sizeof ROWS / sizeof ROWS[0], params, &problem);
    assert((checked != NULL) != (problem != NULL));
    const json_t *width = json_object_get(checked, "width");
    assert(width == NULL || (json_number_value(width) >= 1 && json_number_value(width) <= 16384));
    json_decref(checked);
    json_decref(problem);
}

/* Both answers to this id are JSON, and begin with the id as it was sent. */
static void check_answers(const struct jsonrpc_message *message) {
    static const char START[] = "{\"jsonrpc\":\"2.0\",\"id\":";
    const char *id = message->id != NULL ? message->id : "null";
    size_t id_len = message->id != NULL ? message->id_len : 4;
    json_t *why = json_string(message->why != NULL ? message->why : "");
    char *texts[] = {
        jsonrpc_print_result(message->id, message->id_len, message->params),
        jsonrpc_print_error(message->id, message->id_len, -1, "why", why),
    };
    for (size_t i = 0; i < 2; i++) {
        struct jsonrpc_parsed again;
        assert(strncmp(texts[i], START, sizeof START - 1) == 0);
        assert(memcmp(texts[i] + sizeof START - 1, id, id_len) == 0);
        assert(jsonrpc_parse(texts[i], strlen(texts[i]), NULL, &again) == 0);
        /* Limits may refuse it: one level and a few values more than what came. */
        assert(again.messages[0].kind == JSONRPC_RESPONSE ||
               (i == 0 && again.messages[0].code == JSONRPC_INVALID_REQUEST));
        jsonrpc_parsed_finish(&again);
        free(texts[i]);
    }
    json_decref(why);
}

static void check_message(const struct jsonrpc_message *message) {
    assert(message->id_len <= JSONRPC_ID_BYTES_MAX);
    switch (message->kind) {
    case JSONRPC_REQUEST:
        assert(message->id != NULL && message->id_len > 0 && message->method != NULL);
        break;
    case JSONRPC_NOTIFICATION:
        assert(message->id == NULL && message->method != NULL);
        break;
    case JSONRPC_RESPONSE:
        assert(message->method == NULL && (message->result == NULL || message->error == NULL));
        return;
    case JSONRPC_INVALID:
        assert(message->code == JSONRPC_PARSE_ERROR || message->code == JSONRPC_INVALID_REQUEST);
        assert(message->why != NULL);
        break;
    }
    check_params(message->params);
    check_answers(message);
}

/* What the JSON library says of an id must be what we keep of it. */
static void check_id(const char *text, size_t size, const struct jsonrpc_parsed *parsed) {
    json_t *root = json_loadb(text, size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    const struct jsonrpc_message *message = &parsed->messages[0];
    json_t *id = json_object_get(root, "id");
    if (id != NULL && !parsed->is_batch && message->id != NULL) {
        json_t *kept =
            json_loadb(message->id, message->id_len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert(json_equal(id, kept));
        json_decref(kept);
    }
    assert(root == NULL || message->code != JSONRPC_PARSE_ERROR);
    json_decref(root);
}

/* A message alone is the same as in a batch of one, which never takes the short way
 * of plain.c. */
static void check_alone(const char *text, size_t size, const struct jsonrpc_message *message) {
    char *batch = malloc(size + 2);
    struct jsonrpc_parsed again;
    batch[0] = '[';
    memcpy(batch + 1, text, size);
    batch[size + 1] = ']';
    assert(jsonrpc_parse(batch, size + 2, NULL, &again) == 0);
    if (again.is_batch && again.n_messages == 1 && message->code != JSONRPC_PARSE_ERROR) {
        const struct jsonrpc_message *other = &again.messages[0];
        assert(other->kind == message->kind && other->id_len == message->id_len);
        assert(message->id_len == 0 || memcmp(other->id, message->id, message->id_len) == 0);
        assert((other->method == NULL) == (message->method == NULL));
        assert(message->method == NULL || strcmp(other->method, message->method) == 0);
        assert((other->params == NULL) == (message->params == NULL));
    }
    jsonrpc_parsed_finish(&again);
    free(batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    struct jsonrpc_parsed parsed;
    assert(jsonrpc_parse(text, size, NULL, &parsed) == 0);
    assert(parsed.n_messages >= 1);
    for (size_t i = 0; i < parsed.n_messages; i++) {
        check_message(&parsed.messages[i]);
    }
    check_id(text, size, &parsed);
    if (!parsed.is_batch && parsed.messages[0].why == NULL) {
        check_alone(text, size, &parsed.messages[0]);
    }
    jsonrpc_parsed_finish(&parsed);
    assert(parsed.n_messages == 0);
    return 0;
}
