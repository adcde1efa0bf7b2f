/* Subscriptions: made, kept over sessions, ended; notices and frames to the program's functions.
 * Per scene versions only rise, and tiles only come on the frame that they need. */
#include "clients/c/scores.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/frame_message.h"

enum {
    BUSY = 50003, /* error code: a gateway that has only just begun has no picture yet */
    BUSY_MS = 500
};

struct frame_delivery {
    struct delivery delivery; /* first */
    uint64_t serial;
    unsigned char *bytes;
    struct frame_message message;
};

struct notice_delivery {
    struct delivery delivery; /* first */
    uint64_t serial;
    struct scores_version version;
    char *scene;
    char *reason; /* not NULL: the subscription has ended */
};

static void count_ignored(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    client->stats.ignored++;
    pthread_mutex_unlock(&client->lock);
}

/* -- running the program's functions ---------------------------------------------- */

/* From here to leave() unsubscribing waits. false: the subscription is gone. */
static bool enter(struct lg_client *client, uint64_t serial, struct lg_client_subscription *given) {
    pthread_mutex_lock(&client->lock);
    const struct subscription *subscription = scores_find_serial_locked(client, serial);
    if (subscription != NULL) {
        *given = subscription->given;
        client->running_subscription = serial;
    }
    pthread_mutex_unlock(&client->lock);
    return subscription != NULL;
}

static void leave(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    client->running_subscription = 0;
    pthread_cond_broadcast(&client->changed);
    pthread_mutex_unlock(&client->lock);
}

static void run_frame(struct lg_client *client, struct delivery *delivery) {
    struct frame_delivery *frame = (struct frame_delivery *)delivery;
    struct lg_client_subscription given;
    if (enter(client, frame->serial, &given)) {
        if (given.frame != NULL) {
            frame->message.frame.scene = frame->message.scene; /* it was moved */
            given.frame(client, &frame->message.frame, given.user);
        }
        leave(client);
    }
}

static void destroy_frame(struct delivery *delivery) {
    struct frame_delivery *frame = (struct frame_delivery *)delivery;
    frame_message_finish(&frame->message);
    free(frame->bytes);
    free(frame);
}

static void run_notice(struct lg_client *client, struct delivery *delivery) {
    struct notice_delivery *notice = (struct notice_delivery *)delivery;
    struct lg_client_subscription given;
    if (!enter(client, notice->serial, &given)) {
        return;
    }
    if (notice->reason != NULL && given.ended != NULL) {
        given.ended(client, notice->scene, notice->reason, given.user);
    } else if (notice->reason == NULL && given.changed != NULL) {
        given.changed(client, notice->scene, notice->version.epoch, notice->version.version,
                      given.user);
    }
    leave(client);
    if (notice->reason != NULL) {
        pthread_mutex_lock(&client->lock);
        struct subscription *subscription = scores_find_serial_locked(client, notice->serial);
        if (subscription != NULL) {
            scores_remove_locked(client, subscription);
        }
        pthread_mutex_unlock(&client->lock);
    }
}

static void destroy_notice(struct delivery *delivery) {
    struct notice_delivery *notice = (struct notice_delivery *)delivery;
    free(notice->scene);
    free(notice->reason);
    free(notice);
}

static struct notice_delivery *make_notice(const struct subscription *subscription) {
    struct notice_delivery *notice = calloc(1, sizeof(*notice));
    if (notice == NULL) {
        return NULL;
    }
    notice->delivery = (struct delivery){
        .run = run_notice, .destroy = destroy_notice, .size_bytes = sizeof(*notice)};
    notice->serial = subscription->serial;
    notice->scene = strdup(subscription->scene);
    if (notice->scene == NULL) {
        free(notice);
        return NULL;
    }
    return notice;
}

/* -- making subscriptions again ------------------------------------------------------ */

/* The server will not have it any more. */
static void end_subscription(struct lg_client *client, uint64_t serial, const char *why) {
    pthread_mutex_lock(&client->lock);
    struct subscription *subscription = scores_find_serial_locked(client, serial);
    if (subscription != NULL) {
        struct notice_delivery *notice = make_notice(subscription);
        if (notice != NULL && (notice->reason = strdup(why)) != NULL) {
            subscription->is_ended = true;
            inbox_put_locked(client, &notice->delivery);
        } else {
            if (notice != NULL) {
                destroy_notice(&notice->delivery);
            }
            scores_remove_locked(client, subscription);
        }
    }
    pthread_mutex_unlock(&client->lock);
}

static void on_renewed(struct lg_client *client, struct waiting_request *request) {
    uint64_t serial = (uint64_t)(uintptr_t)request->user;
    bool is_refused = request->status == LG_CLIENT_ERROR_ANSWER;
    char why[300];
    pthread_mutex_lock(&client->lock);
    struct subscription *subscription = scores_find_serial_locked(client, serial);
    if (subscription != NULL) {
        subscription->is_renewing = false;
        subscription->is_made =
            request->status == LG_CLIENT_OK || (subscription->is_made && !is_refused);
    }
    pthread_mutex_unlock(&client->lock);
    if (is_refused && request->answer.code == BUSY) {
        link_timer_set(&client->link, &client->renewal_timer, (int64_t)BUSY_MS * 1000);
    } else if (is_refused) {
        snprintf(why, sizeof(why), "%.200s (%d)",
                 request->answer.message != NULL ? request->answer.message : "refused",
                 request->answer.code);
        end_subscription(client, serial, why);
    }
}

/* It is marked as renewing already. */
static void renew(struct lg_client *client, uint64_t serial) {
    pthread_mutex_lock(&client->lock);
    const struct subscription *subscription = scores_find_serial_locked(client, serial);
    char *params = subscription != NULL ? scores_params(subscription) : NULL;
    pthread_mutex_unlock(&client->lock);
    struct requests_own own = {.method = "subscribe",
                               .params = params,
                               .on_end = on_renewed,
                               .user = (void *)(uintptr_t)serial};
    if (subscription != NULL && (params == NULL || requests_ask(client, &own) == 0)) {
        end_subscription(client, serial, "out of memory");
    }
    free(params);
}

void scores_on_timer(void *ctx) {
    struct lg_client *client = ctx;
    if (client->session.step == SESSION_ATTACHED) {
        scores_attached(client, true);
    }
}

void scores_attached(struct lg_client *client, bool same_session) {
    struct subscription *subscription;
    pthread_mutex_lock(&client->lock);
    for (subscription = client->subscriptions; subscription != NULL;
         subscription = subscription->next) {
        subscription->is_made = subscription->is_made && same_session;
    }
    do {
        subscription = client->subscriptions;
        while (subscription != NULL && (subscription->is_made || subscription->is_asked ||
                                        subscription->is_renewing || subscription->is_ended)) {
            subscription = subscription->next;
        }
        if (subscription != NULL) {
            uint64_t serial = subscription->serial;
            subscription->is_renewing = true;
            pthread_mutex_unlock(&client->lock);
            renew(client, serial);
            pthread_mutex_lock(&client->lock);
        }
    } while (subscription != NULL);
    pthread_mutex_unlock(&client->lock);
}

/* -- what comes ------------------------------------------------------------------------ */

static bool is_newer(const struct scores_version *seen, uint64_t epoch, uint64_t version) {
    return !seen->is_set || seen->epoch != epoch || version > seen->version;
}

enum verdict { TAKE, IGNORE, RENEW };

static enum verdict judge_locked(struct subscription *subscription,
                                 const struct lg_client_frame *frame) {
    if (subscription == NULL || subscription->given.frames == LG_CLIENT_FRAMES_NONE ||
        !is_newer(&subscription->seen, frame->epoch, frame->version)) {
        return IGNORE;
    }
    bool fits = frame->n_tiles == 0 ||
                (subscription->given.frames == LG_CLIENT_FRAMES_TILES &&
                 subscription->seen.is_set && subscription->seen.epoch == frame->epoch &&
                 subscription->seen.version == frame->base_version);
    if (fits) {
        subscription->seen = (struct scores_version){true, frame->epoch, frame->version};
        return TAKE;
    }
    if (subscription->is_renewing || !subscription->is_made) {
        return IGNORE;
    }
    subscription->is_renewing = true;
    return RENEW;
}

void scores_receive(struct lg_client *client, unsigned char *bytes, size_t len) {
    struct frame_delivery *delivery = calloc(1, sizeof(*delivery));
    int status = delivery != NULL ? frame_message_read(&delivery->message, bytes, len)
                                  : LG_CLIENT_ERROR_MEMORY;
    if (delivery == NULL) {
        free(bytes);
        session_lose(client, "out of memory for a picture");
        return;
    }
    delivery->bytes = bytes;
    delivery->delivery = (struct delivery){
        .run = run_frame, .destroy = destroy_frame, .size_bytes = len + sizeof(*delivery)};
    if (status != LG_CLIENT_OK) {
        destroy_frame(&delivery->delivery);
        if (status == LG_CLIENT_ERROR_MEMORY) {
            session_lose(client, "out of memory for a picture");
        } else {
            count_ignored(client);
        }
        return;
    }
    pthread_mutex_lock(&client->lock);
    struct subscription *subscription = scores_find_locked(client, delivery->message.scene);
    enum verdict verdict = judge_locked(subscription, &delivery->message.frame);
    uint64_t serial = delivery->serial = subscription != NULL ? subscription->serial : 0;
    if (verdict == TAKE) {
        inbox_put_locked(client, &delivery->delivery);
    } else {
        client->stats.ignored++;
    }
    pthread_mutex_unlock(&client->lock);
    if (verdict != TAKE) {
        destroy_frame(&delivery->delivery);
    }
    if (verdict == RENEW) {
        renew(client, serial);
    }
}

static bool read_epoch(struct scan_span text, uint64_t *epoch) {
    char digits[17];
    if (text.len != 18 || text.text[0] != '"') {
        return false;
    }
    memcpy(digits, text.text + 1, 16);
    digits[16] = '\0';
    if (strspn(digits, "0123456789abcdefABCDEF") != 16) {
        return false;
    }
    *epoch = strtoull(digits, NULL, 16);
    return true;
}

/* The newer of what was told and what was drawn. */
static void put_notice_locked(struct lg_client *client, struct subscription *subscription,
                              uint64_t epoch, uint64_t version) {
    struct notice_delivery *notice = NULL;
    if (!is_newer(&subscription->noticed, epoch, version)) {
        client->stats.ignored++;
        return;
    }
    subscription->noticed = (struct scores_version){true, epoch, version};
    if (subscription->given.changed != NULL) {
        notice = make_notice(subscription); /* no memory: the next one will tell */
    }
    if (notice != NULL) {
        notice->version = subscription->noticed;
        inbox_put_locked(client, &notice->delivery);
    }
}

bool scores_notice(struct lg_client *client, const struct json_message *message) {
    uint64_t epoch = 0, version = 0;
    if (message->kind != JSON_MESSAGE_NOTIFICATION || message->method.len != 14 ||
        memcmp(message->method.text, "\"scoreChanged\"", 14) != 0) {
        return false;
    }
    char *scene = json_message_string(json_message_member(message->params, "scene"));
    bool is_fine = scene != NULL &&
                   read_epoch(json_message_member(message->params, "epoch"), &epoch) &&
                   json_message_unsigned(json_message_member(message->params, "version"), &version);
    bool is_ours = false;
    pthread_mutex_lock(&client->lock);
    struct subscription *subscription = is_fine ? scores_find_locked(client, scene) : NULL;
    if (subscription != NULL) {
        is_ours = true;
        put_notice_locked(client, subscription, epoch, version);
    }
    pthread_mutex_unlock(&client->lock);
    free(scene);
    return is_ours;
}
