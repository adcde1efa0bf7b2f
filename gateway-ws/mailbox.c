/* The hand-over between the two threads. */
#include "gateway-ws/mailbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

struct mailbox {
    pthread_mutex_t lock; /* guards all of mail; held for moments only */
    struct mail mail;
    struct answer **last_answer;
    bool is_empty;
    void (*wake)(void *ctx);
    void *ctx;
};

static void reset(struct mailbox *mailbox) {
    memset(&mailbox->mail, 0, sizeof(mailbox->mail));
    mailbox->last_answer = &mailbox->mail.answers;
    mailbox->is_empty = true;
}

struct mailbox *mailbox_create(void (*wake)(void *ctx), void *ctx) {
    struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
    if (mailbox != NULL) {
        pthread_mutex_init(&mailbox->lock, NULL);
        reset(mailbox);
        mailbox->wake = wake;
        mailbox->ctx = ctx;
    }
    return mailbox;
}

void answer_destroy(struct answer *answer) {
    frame_unref(answer->frame);
    free(answer->memory);
    free(answer);
}

void mailbox_destroy(struct mailbox *mailbox) {
    if (mailbox == NULL) {
        return;
    }
    for (size_t i = 0; i < mailbox->mail.n_frames; i++) {
        frame_unref(mailbox->mail.frames[i]);
    }
    while (mailbox->mail.answers != NULL) {
        struct answer *answer = mailbox->mail.answers;
        mailbox->mail.answers = answer->next;
        if (answer->drop != NULL) {
            answer->drop(answer->cookie);
        }
        answer_destroy(answer);
    }
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

/* Releases the lock; wakes outside of it. */
static void put_done(struct mailbox *mailbox) {
    bool was_empty = mailbox->is_empty;
    mailbox->is_empty = false;
    pthread_mutex_unlock(&mailbox->lock);
    if (was_empty) {
        mailbox->wake(mailbox->ctx);
    }
}

void mailbox_put_frame(struct mailbox *mailbox, struct frame *frame) {
    struct mail *mail = &mailbox->mail;
    struct frame *old = NULL;
    pthread_mutex_lock(&mailbox->lock);
    size_t i = 0;
    while (i < mail->n_frames && strcmp(mail->frames[i]->scene, frame->scene) != 0) {
        i++;
    }
    if (i < LIMIT_SCENES) {
        old = i < mail->n_frames ? mail->frames[i] : NULL;
        mail->frames[i] = frame_ref(frame);
        mail->n_frames += i == mail->n_frames;
    }
    put_done(mailbox);
    frame_unref(old);
}

void mailbox_put_servers(struct mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    mailbox->mail.has_servers = true;
    put_done(mailbox);
}

void mailbox_put_state(struct mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    mailbox->mail.has_state = true;
    put_done(mailbox);
}

/* Texts and bytes of a reply are the caller's: copy them. */
static void copy_reply(struct answer *answer, const struct call_reply *reply) {
    size_t text_len = reply->text != NULL ? reply->text_size_bytes : 0;
    size_t bytes_len = reply->bytes != NULL ? reply->bytes_size : 0;
    char *memory = malloc(text_len + bytes_len + 2);
    if (memory == NULL) {
        answer->reply.code = LG_EBUSY;
        answer->reply.text = "";
        return;
    }
    answer->reply = *reply;
    if (text_len > 0) {
        memcpy(memory, reply->text, text_len);
    }
    memory[text_len] = '\0';
    if (bytes_len > 0) {
        memcpy(memory + text_len + 1, reply->bytes, bytes_len);
    }
    answer->memory = memory;
    answer->reply.text = memory;
    answer->reply.text_size_bytes = text_len;
    answer->reply.bytes = (const uint8_t *)memory + text_len + 1;
    answer->reply.bytes_size = bytes_len;
}

static void put_answer(struct answer *answer) {
    struct mailbox *mailbox = answer->mailbox;
    pthread_mutex_lock(&mailbox->lock);
    answer->next = NULL;
    *mailbox->last_answer = answer;
    mailbox->last_answer = &answer->next;
    put_done(mailbox);
}

void mailbox_put_answer(void *ctx, const struct call_reply *reply) {
    copy_reply(ctx, reply);
    put_answer(ctx);
}

void mailbox_put_view(void *ctx, int code, struct frame *frame) {
    struct answer *answer = ctx;
    answer->reply.code = code;
    answer->frame = frame_ref(frame);
    put_answer(answer);
}

void mailbox_take(struct mailbox *mailbox, struct mail *mail) {
    pthread_mutex_lock(&mailbox->lock);
    *mail = mailbox->mail;
    reset(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
}
