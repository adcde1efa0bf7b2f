/* Messages: [address, method, host, port, [parameters]]; a parameter is an integer, a float, a text
 * or a list of messages. Moments: see pack_moment. */
#include "renderer/past/pack.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"

#define PACK_DEPTH       (LIMIT_SCRIPT_NESTING + 8) /* lists in lists, as scripts may have them */
#define PACK_FIRST_BYTES 256
/* For what is packed next; a large script's are given back. */
#define PACK_KEPT_BYTES (64u * 1024)

struct pack {
    msgpack_packer packer;
    uint8_t *data;
    size_t size, capacity;
};

/* Never short (alloc.h), which msgpack_sbuffer may be: half a body in the journal would be a
 * damaged one. */
static int append(void *ctx, const char *bytes, size_t size) {
    struct pack *pack = ctx;
    if (size > pack->capacity - pack->size) {
        pack->capacity = 2 * pack->capacity + size + PACK_FIRST_BYTES;
        pack->data = alloc_resize(pack->data, pack->capacity, 1);
    }
    memcpy(pack->data + pack->size, bytes, size);
    pack->size += size;
    return 0;
}

struct pack *pack_create(void) {
    struct pack *pack = alloc_zero(sizeof *pack);
    msgpack_packer_init(&pack->packer, pack, append);
    return pack;
}

void pack_destroy(struct pack *pack) {
    if (pack != NULL) {
        free(pack->data);
        free(pack);
    }
}

void pack_clear(struct pack *pack) {
    pack->size = 0;
    if (pack->capacity > PACK_KEPT_BYTES) {
        free(pack->data);
        pack->data = NULL;
        pack->capacity = 0;
    }
}

const uint8_t *pack_data(const struct pack *pack, size_t *size) {
    *size = pack->size;
    return pack->data;
}

/* -- writing ------------------------------------------------------------------- */

void pack_array(struct pack *pack, size_t n_items) {
    msgpack_pack_array(&pack->packer, n_items);
}

void pack_int(struct pack *pack, int64_t value) {
    msgpack_pack_int64(&pack->packer, value);
}

void pack_uint(struct pack *pack, uint64_t value) {
    msgpack_pack_uint64(&pack->packer, value);
}

void pack_double(struct pack *pack, double value) {
    msgpack_pack_double(&pack->packer, value);
}

void pack_bytes(struct pack *pack, const void *data, size_t size) {
    if (data == NULL) {
        msgpack_pack_nil(&pack->packer);
        return;
    }
    msgpack_pack_bin(&pack->packer, size);
    msgpack_pack_bin_body(&pack->packer, data, size);
}

void pack_text(struct pack *pack, const char *text) {
    if (text == NULL) {
        msgpack_pack_nil(&pack->packer);
        return;
    }
    size_t len = strlen(text);
    msgpack_pack_str(&pack->packer, len);
    msgpack_pack_str_body(&pack->packer, text, len);
}

static void pack_param(struct pack *pack, const struct param *param) {
    switch (param->kind) {
    case PARAM_INT:
        msgpack_pack_int32(&pack->packer, param->as.i);
        return;
    case PARAM_FLOAT:
        msgpack_pack_float(&pack->packer, param->as.f);
        return;
    case PARAM_STRING:
        pack_text(pack, param->as.text);
        return;
    case PARAM_MESSAGES:
        pack_messages(pack, param->as.messages->messages, param->as.messages->n_messages);
        return;
    }
}

void pack_message(struct pack *pack, const struct message *msg) {
    pack_array(pack, 5);
    pack_text(pack, msg->address);
    pack_text(pack, msg->method);
    pack_text(pack, msg->host);
    pack_uint(pack, msg->port);
    pack_array(pack, msg->n_params);
    for (size_t i = 0; i < msg->n_params; i++) {
        pack_param(pack, &msg->params[i]);
    }
}

void pack_messages(struct pack *pack, const struct message *messages, size_t n_messages) {
    pack_array(pack, n_messages);
    for (size_t i = 0; i < n_messages; i++) {
        pack_message(pack, &messages[i]);
    }
}

void pack_moment(struct pack *pack, const struct moment *moment) {
    pack_array(pack, 9);
    pack_int(pack, moment->now_us);
    pack_int(pack, moment->started_us);
    pack_int(pack, moment->time_offset_ms);
    pack_uint(pack, moment->ticks);
    pack_uint(pack, moment->n_messages);
    pack_uint(pack, moment->n_osc_messages);
    pack_array(pack, moment->n_runs);
    for (size_t i = 0; i < moment->n_runs; i++) {
        const struct moment_run *run = &moment->runs[i];
        pack_array(pack, 7);
        pack_text(pack, run->address);
        pack_int(pack, run->start.num);
        pack_int(pack, run->start.den);
        pack_int(pack, run->date.num);
        pack_int(pack, run->date.den);
        pack_int(pack, run->since_us);
        pack_int(pack, run->steps);
    }
    pack_array(pack, moment->n_delays);
    for (size_t i = 0; i < moment->n_delays; i++) {
        const struct message_list *list = moment->delays[i].list;
        pack_array(pack, 2);
        pack_int(pack, moment->delays[i].due_us);
        pack_messages(pack, list->messages, list->n_messages);
    }
    pack_messages(pack, moment->queue, moment->n_queue);
}

/* -- reading ------------------------------------------------------------------- */

bool unpack_array(struct msgpack_reader *from, size_t *n_items) {
    struct msgpack_token token;
    if (!msgpack_reader_next(from, &token) || token.kind != MSGPACK_READ_ARRAY) {
        return false;
    }
    *n_items = token.len;
    return true;
}

bool unpack_fixed(struct msgpack_reader *from, size_t n_items) {
    size_t n;
    return unpack_array(from, &n) && n == n_items;
}

bool unpack_int(struct msgpack_reader *from, int64_t *value) {
    struct msgpack_token token;
    if (!msgpack_reader_next(from, &token) ||
        (token.kind != MSGPACK_READ_INT &&
         (token.kind != MSGPACK_READ_UINT || token.value.uint > INT64_MAX))) {
        return false;
    }
    *value = token.kind == MSGPACK_READ_INT ? token.value.sint : (int64_t)token.value.uint;
    return true;
}

bool unpack_uint(struct msgpack_reader *from, uint64_t *value) {
    struct msgpack_token token;
    if (!msgpack_reader_next(from, &token) || token.kind != MSGPACK_READ_UINT) {
        return false;
    }
    *value = token.value.uint;
    return true;
}

bool unpack_double(struct msgpack_reader *from, double *value) {
    const uint8_t *start = from->at;
    struct msgpack_token token;
    if (!msgpack_reader_next(from, &token) || token.kind != MSGPACK_READ_FLOAT ||
        from->at - start != 1 + sizeof *value) {
        return false;
    }
    memcpy(value, &token.value.uint, sizeof *value);
    return true;
}

bool unpack_bytes(struct msgpack_reader *from, const uint8_t **data, size_t *size) {
    struct msgpack_token token;
    if (!msgpack_reader_next(from, &token)) {
        return false;
    }
    *data = NULL;
    *size = 0;
    if (token.kind == MSGPACK_READ_BIN || token.kind == MSGPACK_READ_STR) {
        *data = token.data;
        *size = token.len;
        return true;
    }
    return token.kind == MSGPACK_READ_NIL;
}

bool unpack_text(struct msgpack_reader *from, char **text) {
    const uint8_t *data;
    size_t size;
    *text = NULL;
    if (!unpack_bytes(from, &data, &size) || (data != NULL && memchr(data, 0, size) != NULL)) {
        return false;
    }
    *text = data != NULL ? alloc_text_n((const char *)data, size) : NULL;
    return true;
}

static bool read_list(struct msgpack_reader *from, unsigned depth, struct message **messages,
                      size_t *n_messages);

static bool read_param(struct msgpack_reader *from, unsigned depth, struct param *out) {
    struct msgpack_reader start = *from;
    struct msgpack_token token;
    char *text;
    if (!msgpack_reader_next(from, &token)) {
        return false;
    }
    switch (token.kind) {
    case MSGPACK_READ_UINT:
        *out = param_int((int32_t)token.value.uint);
        return token.value.uint <= INT32_MAX;
    case MSGPACK_READ_INT:
        *out = param_int((int32_t)token.value.sint);
        return token.value.sint >= INT32_MIN;
    case MSGPACK_READ_FLOAT: {
        uint32_t bits = (uint32_t)token.value.uint;
        float value;
        memcpy(&value, &bits, sizeof value);
        *out = param_float(value);
        return from->at - start.at == 1 + sizeof value;
    }
    case MSGPACK_READ_STR:
        *from = start;
        if (!unpack_text(from, &text) || text == NULL) {
            return false;
        }
        *out = param_string(text);
        free(text);
        return true;
    case MSGPACK_READ_ARRAY: {
        struct message *messages;
        size_t n_messages;
        *from = start;
        if (!read_list(from, depth + 1, &messages, &n_messages)) {
            return false;
        }
        *out = param_messages(message_list_give(messages, n_messages));
        return true;
    }
    default:
        return false;
    }
}

static bool read_message(struct msgpack_reader *from, unsigned depth, struct message *msg) {
    uint64_t port;
    size_t n_params;
    *msg = (struct message){0};
    if (!unpack_fixed(from, 5) || !unpack_text(from, &msg->address) || msg->address == NULL ||
        !unpack_text(from, &msg->method) || !unpack_text(from, &msg->host) ||
        !unpack_uint(from, &port) || port > UINT16_MAX || !unpack_array(from, &n_params)) {
        return false;
    }
    msg->port = (uint16_t)port;
    for (size_t i = 0; i < n_params; i++) {
        struct param param;
        if (!read_param(from, depth, &param)) {
            return false;
        }
        message_give_param(msg, param);
    }
    return true;
}

static bool read_list(struct msgpack_reader *from, unsigned depth, struct message **messages,
                      size_t *n_messages) {
    size_t n, n_read = 0, capacity = 0;
    struct message *list = NULL;
    *messages = NULL;
    *n_messages = 0;
    if (depth > PACK_DEPTH || !unpack_array(from, &n)) {
        return false;
    }
    bool is_good = true;
    while (is_good && n_read < n) {
        list = alloc_grow(list, n_read, &capacity, sizeof *list);
        is_good = read_message(from, depth, &list[n_read]);
        n_read++; /* also half of one is freed */
    }
    if (!is_good) {
        messages_free(list, n_read);
        return false;
    }
    *messages = list;
    *n_messages = n_read;
    return true;
}

bool unpack_messages(struct msgpack_reader *from, struct message **messages, size_t *n_messages) {
    return read_list(from, 0, messages, n_messages);
}

static bool read_run(struct msgpack_reader *from, struct moment_run *run) {
    return unpack_fixed(from, 7) && unpack_text(from, &run->address) && run->address != NULL &&
           unpack_int(from, &run->start.num) && unpack_int(from, &run->start.den) &&
           unpack_int(from, &run->date.num) && unpack_int(from, &run->date.den) &&
           unpack_int(from, &run->since_us) && unpack_int(from, &run->steps) &&
           run->start.den > 0 && run->date.den > 0;
}

static bool read_runs(struct msgpack_reader *from, struct moment *moment) {
    size_t n, capacity = 0;
    if (!unpack_array(from, &n)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        moment->runs = alloc_grow(moment->runs, moment->n_runs, &capacity, sizeof *moment->runs);
        struct moment_run *run = &moment->runs[moment->n_runs++];
        *run = (struct moment_run){0};
        if (!read_run(from, run)) {
            return false;
        }
    }
    return true;
}

static bool read_delays(struct msgpack_reader *from, struct moment *moment) {
    size_t n, capacity = 0;
    if (!unpack_array(from, &n)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        struct message *messages;
        size_t n_messages;
        int64_t due_us;
        if (!unpack_fixed(from, 2) || !unpack_int(from, &due_us) ||
            !unpack_messages(from, &messages, &n_messages)) {
            return false;
        }
        moment->delays =
            alloc_grow(moment->delays, moment->n_delays, &capacity, sizeof *moment->delays);
        moment->delays[moment->n_delays++] =
            (struct moment_delay){due_us, message_list_give(messages, n_messages)};
    }
    return true;
}

bool unpack_moment(struct msgpack_reader *from, struct moment *moment) {
    *moment = (struct moment){0};
    bool is_good =
        unpack_fixed(from, 9) && unpack_int(from, &moment->now_us) &&
        unpack_int(from, &moment->started_us) && unpack_int(from, &moment->time_offset_ms) &&
        unpack_uint(from, &moment->ticks) && unpack_uint(from, &moment->n_messages) &&
        unpack_uint(from, &moment->n_osc_messages) && read_runs(from, moment) &&
        read_delays(from, moment) && unpack_messages(from, &moment->queue, &moment->n_queue);
    if (!is_good) {
        moment_finish(moment);
    }
    return is_good;
}
