/* Any bytes as a script of version 2; its messages are read again by version 1. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "renderer/score/message.h"
#include "renderer/script/run.h"
#include "renderer/script/v2/run_v2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct world {
    struct text printed;
    size_t n_messages, n_errors;
};

static void on_message(void *ctx, const struct message *msg) {
    struct world *world = ctx;
    if (world->n_messages++ < 64 && world->printed.len < 65536 && msg->host == NULL) {
        message_print(msg, &world->printed);
        text_printf(&world->printed, ";\n");
    }
}

static void no_query(void *ctx, const struct message *msg, struct message **replies,
                     size_t *n_replies) {
    (void)ctx;
    (void)msg;
    *replies = NULL;
    *n_replies = 0;
}

static void on_error(void *ctx, const char *text) {
    struct world *world = ctx;
    if (text == NULL || text[0] == '\0') {
        abort();
    }
    world->n_errors++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct world world = {0}, again = {0};
    struct script_target target = {&world, on_message, no_query, on_error, NULL, NULL, NULL};
    int status = script_v2_run(&target, (const char *)data, len, NULL);
    if (status != 0 && (world.n_errors == 0 || world.n_messages > 0)) {
        abort(); /* a refused script tells why and runs nothing */
    }
    if (world.printed.data != NULL) {
        target.ctx = &again;
        script_run(&target, world.printed.data, world.printed.len, NULL);
    }
    text_finish(&world.printed);
    text_finish(&again.printed);
    return 0;
}
