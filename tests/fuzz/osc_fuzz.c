/* Packets of strangers to the OSC port: any bytes are a packet, or refused. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/io/osc_message.h"
#include "renderer/io/osc_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_message(void *ctx, const char *path, const char *types, lo_arg **args, int n_args) {
    size_t *n_messages = ctx;
    struct message msg;
    assert(path != NULL && (types != NULL || n_args == 0));
    if (!osc_message_read(path, types, args, n_args, &msg)) {
        return false;
    }
    (*n_messages)++;
    message_finish(&msg);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t n_messages = 0;
    char *bytes = malloc(size + 1);
    if (size > 0) {
        memcpy(bytes, data, size);
    }
    osc_packet_read(bytes, size, on_message, &n_messages);
    assert(n_messages <= size / 4 + 1);
    free(bytes);
    return 0;
}
