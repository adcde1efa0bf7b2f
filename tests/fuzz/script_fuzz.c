/* Any bytes as a script; its messages are printed and parsed again. With a
 * first byte of 'Q' queries answer with what was seen last. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "renderer/score/message.h"
#include "renderer/script/run.h"

/* A few bytes may stand for megabytes of messages: those are not read again, for speed. */
#define EXPANDED_MAX (256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct world {
    struct message last; /* a copy; empty at first */
    struct text printed;
    size_t n_messages;
};

static void on_message(void *ctx, const struct message *msg) {
    struct world *world = ctx;
    message_finish(&world->last);
    message_copy(&world->last, msg);
    if (world->n_messages++ < 64 && world->printed.len < 65536) {
        message_print(msg, &world->printed);
        text_printf(&world->printed, ";\n");
    }
}

static void on_query(void *ctx, const struct message *msg, struct message **replies,
                     size_t *n_replies) {
    struct world *world = ctx;
    const struct message *answer = world->last.address != NULL ? &world->last : msg;
    *replies = malloc(2 * sizeof(struct message));
    if (*replies == NULL) {
        abort();
    }
    *n_replies = 2;
    message_copy(&(*replies)[0], answer);
    message_copy(&(*replies)[1], msg);
}

static void on_error(void *ctx, const char *text) {
    (void)ctx;
    if (text == NULL || text[0] == '\0') {
        abort();
    }
}

static void run(const char *text, size_t len, struct text *printed) {
    struct world world = {0};
    struct script_target target = {&world, on_message, on_query, on_error, NULL, NULL, NULL};
    size_t n_steps = 0;
    script_run_counted(&target, text, len, NULL, &n_steps);
    if (n_steps > 4 * len + 64) {
        abort(); /* not linear */
    }
    message_finish(&world.last);
    *printed = world.printed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct text once, twice;
    run((const char *)data, len, &once);
    if (once.data != NULL && once.len < EXPANDED_MAX) {
        run(once.data, once.len, &twice);
        text_finish(&twice);
    }
    text_finish(&once);
    return 0;
}
