/* A batch: its answers in the order in which they come, sent when all are there. */
#include <stdlib.h>
#include <string.h>

#include "common/jsonrpc/private.h"
#include "common/jsonrpc/scan.h"

struct batch *batch_create(struct jsonrpc_transport *transport) {
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL) {
        delivery_open(&batch->to, transport);
        batch->n_owed = 1;
    }
    return batch;
}

static bool make_room(struct batch *batch, size_t len) {
    size_t room = batch->room == 0 ? 256 : batch->room;
    while (room < batch->len + len) {
        room *= 2;
    }
    if (room == batch->room) {
        return true;
    }
    char *text = realloc(batch->text, room);
    if (text == NULL) {
        return false;
    }
    batch->text = text;
    batch->room = room;
    return true;
}

/* In place of an answer that has no room any more. */
static char *instead_of(const char *text) {
    struct scan_span id = {NULL, 0};
    (void)scan_member((struct scan_span){text, strlen(text)}, "id", &id);
    return jsonrpc_print_error(id.text, id.len, JSONRPC_TOO_LARGE,
                               "the answers of this batch are too large together", NULL);
}

void batch_add(struct batch *batch, const char *text) {
    size_t len = strlen(text);
    if (batch->len + len > LIMIT_RPC_BATCH_BYTES && len > 1024) {
        char *instead = instead_of(text);
        if (instead != NULL) {
            batch_add(batch, instead);
            free(instead);
        }
        return;
    }
    if (!make_room(batch, len + 3)) { /* separator, bracket, NUL */
        server_fault(batch->to.server, batch->to.session, "batch", "out of memory");
        return;
    }
    batch->text[batch->len++] = batch->n_answers == 0 ? '[' : ',';
    memcpy(batch->text + batch->len, text, len);
    batch->len += len;
    batch->n_answers++;
}

void batch_leave(struct batch *batch) {
    if (--batch->n_owed > 0) {
        return;
    }
    if (batch->n_answers > 0) {
        batch->text[batch->len++] = ']';
        batch->text[batch->len] = '\0';
        delivery_send(&batch->to, batch->text);
    } else {
        free(batch->text);
    }
    delivery_close(&batch->to);
    free(batch);
}
