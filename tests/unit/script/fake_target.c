/* The recording target of the script tests. */
#include "fake_target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"

static void on_message(void *ctx, const struct message *msg) {
    struct fake_target *fake = ctx;
    message_print(msg, &fake->messages);
    text_printf(&fake->messages, "\n");
    fake->n_messages++;
}

static void on_error(void *ctx, const char *text) {
    struct fake_target *fake = ctx;
    text_printf(&fake->errors, "%s\n", text);
    fake->n_errors++;
}

struct reply_list {
    struct message *replies;
    size_t n_replies;
};

static void on_reply(void *ctx, const struct message *msg) {
    struct reply_list *list = ctx;
    list->replies = realloc(list->replies, (list->n_replies + 1) * sizeof(struct message));
    message_copy(&list->replies[list->n_replies++], msg);
}

static void no_query(void *ctx, const struct message *msg, struct message **replies,
                     size_t *n_replies) {
    (void)ctx;
    (void)msg;
    (void)replies;
    (void)n_replies;
}

static void no_error(void *ctx, const char *text) {
    (void)ctx;
    fail_msg("answers of the test are wrong: %s", text);
}

static void on_query(void *ctx, const struct message *msg, struct message **replies,
                     size_t *n_replies) {
    struct fake_target *fake = ctx;
    message_print(msg, &fake->queries);
    text_printf(&fake->queries, "\n");
    struct reply_list list = {NULL, 0};
    struct script_target target = {&list, on_reply, no_query, no_error, NULL, NULL, NULL};
    if (fake->answers != NULL) {
        script_run(&target, fake->answers, strlen(fake->answers), NULL);
    }
    *replies = list.replies;
    *n_replies = list.n_replies;
}

/* An engine whose value is the code itself, with the names it could see in front. */
static char *echo(void *ctx, const char *code, int first_line, const struct named_value *globals,
                  size_t n_globals) {
    struct fake_target *fake = ctx;
    struct text text = {0};
    text_printf(&fake->sections, "%d:", first_line);
    for (size_t i = 0; i < n_globals; i++) {
        text_printf(&fake->sections, " %s=%zu", globals[i].name, globals[i].n_params);
    }
    text_printf(&fake->sections, "\n");
    text_printf(&text, "%s", code);
    return text.data;
}

void fake_target_echo_javascript(struct fake_target *fake) {
    fake->target.javascript = echo;
}

void fake_target_init(struct fake_target *fake) {
    *fake = (struct fake_target){
        .target = {.ctx = fake, .message = on_message, .query = on_query, .error = on_error}};
}

void fake_target_finish(struct fake_target *fake) {
    text_finish(&fake->messages);
    text_finish(&fake->errors);
    text_finish(&fake->queries);
    text_finish(&fake->sections);
}

const char *fake_text(const struct text *text) {
    return text->data != NULL ? text->data : "";
}

void fake_target_expect(const char *script, const char *messages, const char *errors) {
    struct fake_target fake;
    fake_target_init(&fake);
    int status = script_run(&fake.target, script, strlen(script), NULL);
    if (messages != NULL && strcmp(fake_text(&fake.messages), messages) != 0) {
        fail_msg("script: %s\nmessages:\n%sexpected:\n%serrors:\n%s", script,
                 fake_text(&fake.messages), messages, fake_text(&fake.errors));
    }
    if (errors != NULL && strcmp(fake_text(&fake.errors), errors) != 0) {
        fail_msg("script: %s\nerrors:\n%sexpected:\n%s", script, fake_text(&fake.errors), errors);
    }
    bool has_errors = fake.errors.data != NULL && strstr(fake.errors.data, " col ") != NULL;
    assert_int_equal(status, has_errors ? LG_ESCRIPT : 0);
    fake_target_finish(&fake);
}
