/* What the program wants to follow. What comes of it is in scores.c. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/scores.h"
#include "common/utf8.h"

static const char DEFAULT_SCENE[] = "scene";

struct subscription *scores_find_locked(struct lg_client *client, const char *scene) {
    struct subscription *subscription = client->subscriptions;
    while (subscription != NULL &&
           (subscription->is_ended || strcmp(subscription->scene, scene) != 0)) {
        subscription = subscription->next;
    }
    return subscription;
}

struct subscription *scores_find_serial_locked(struct lg_client *client, uint64_t serial) {
    struct subscription *subscription = client->subscriptions;
    while (subscription != NULL && subscription->serial != serial) {
        subscription = subscription->next;
    }
    return subscription;
}

static void destroy(struct subscription *subscription) {
    free(subscription->scene);
    free(subscription);
}

void scores_remove_locked(struct lg_client *client, struct subscription *subscription) {
    struct subscription **at = &client->subscriptions;
    while (*at != subscription) {
        at = &(*at)->next;
    }
    *at = subscription->next;
    destroy(subscription);
}

void scores_finish(struct lg_client *client) {
    while (client->subscriptions != NULL) {
        scores_remove_locked(client, client->subscriptions);
    }
}

static bool set_number(json_t *object, const char *name, uint32_t value) {
    return value == 0 || json_object_set_new(object, name, json_integer(value)) == 0;
}

char *scores_params(const struct subscription *subscription) {
    static const char *const FRAMES[] = {"none", "binary", "tiles"};
    const struct lg_client_subscription *given = &subscription->given;
    json_t *params =
        json_pack("{s:s, s:s}", "scene", subscription->scene, "frames", FRAMES[given->frames]);
    bool is_fine = params != NULL && set_number(params, "width", given->width) &&
                   set_number(params, "period", given->period_ms);
    char *text = is_fine ? json_dumps(params, JSON_COMPACT) : NULL;
    json_decref(params);
    return text;
}

/* What was seen of one scene; NULL: nothing yet. */
static json_t *seen_of(const struct subscription *subscription, bool *is_fine) {
    const struct scores_version *seen = subscription->given.frames == LG_CLIENT_FRAMES_NONE
                                            ? &subscription->noticed
                                            : &subscription->seen;
    char epoch[17];
    if (!seen->is_set || subscription->is_ended || seen->version > INT64_MAX) {
        return NULL;
    }
    snprintf(epoch, sizeof(epoch), "%016" PRIx64, seen->epoch);
    json_t *item = json_pack("{s:s, s:s, s:I}", "scene", subscription->scene, "epoch", epoch,
                             "version", (json_int_t)seen->version);
    *is_fine = *is_fine && item != NULL;
    return item;
}

char *scores_seen(struct lg_client *client) {
    json_t *list = json_array();
    bool is_fine = list != NULL;
    pthread_mutex_lock(&client->lock);
    for (const struct subscription *subscription = client->subscriptions;
         subscription != NULL && is_fine; subscription = subscription->next) {
        json_t *item = seen_of(subscription, &is_fine);
        if (item != NULL && json_array_append_new(list, item) != 0) {
            is_fine = false;
        }
    }
    pthread_mutex_unlock(&client->lock);
    char *text = is_fine ? json_dumps(list, JSON_COMPACT) : NULL;
    json_decref(list);
    return text;
}

/* In the list, before its first answer. NULL: no memory. */
static struct subscription *add(struct lg_client *client,
                                const struct lg_client_subscription *given, char **params) {
    struct subscription *subscription = calloc(1, sizeof(*subscription));
    if (subscription == NULL) {
        return NULL;
    }
    subscription->given = *given;
    subscription->given.scene = NULL; /* the caller's */
    subscription->is_asked = true;
    subscription->scene = strdup(given->scene != NULL ? given->scene : DEFAULT_SCENE);
    *params = subscription->scene != NULL ? scores_params(subscription) : NULL;
    if (*params == NULL) {
        destroy(subscription);
        return NULL;
    }
    pthread_mutex_lock(&client->lock);
    subscription->serial = client->next_subscription++;
    subscription->next = client->subscriptions;
    client->subscriptions = subscription;
    pthread_mutex_unlock(&client->lock);
    return subscription;
}

/* Functions of this subscription that run end first (unless they wait here themselves). */
static void wait_for_running_locked(struct lg_client *client, uint64_t serial) {
    while (client->running_subscription == serial && !inbox_is_inside(client)) {
        pthread_cond_wait(&client->changed, &client->lock);
    }
}

/* Those before serial go, as far as they have had their answer. */
static void remove_older_locked(struct lg_client *client, const char *scene, uint64_t serial) {
    struct subscription *subscription = client->subscriptions;
    while (subscription != NULL) {
        struct subscription *next = subscription->next;
        if (subscription->serial < serial && !subscription->is_asked &&
            strcmp(subscription->scene, scene) == 0) {
            uint64_t older = subscription->serial;
            scores_remove_locked(client, subscription);
            wait_for_running_locked(client, older);
            next = client->subscriptions; /* the lock was away */
        }
        subscription = next;
    }
}

static bool is_scene(const char *scene) {
    return scene == NULL ||
           (scene[0] != '\0' && lg_utf8_len(scene, strlen(scene)) == strlen(scene));
}

int lg_client_subscribe(struct lg_client *client, const struct lg_client_subscription *wanted,
                        struct lg_client_answer *answer) {
    struct lg_client_subscription given = {.size_bytes = sizeof(given)};
    if (answer != NULL) {
        memset(answer, 0, sizeof(*answer));
    }
    if (client == NULL || wanted == NULL || wanted->size_bytes < sizeof(wanted->size_bytes)) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    memcpy(&given, wanted, wanted->size_bytes < sizeof(given) ? wanted->size_bytes : sizeof(given));
    if (!is_scene(given.scene) || (unsigned)given.frames > LG_CLIENT_FRAMES_TILES) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    char *params = NULL;
    struct subscription *subscription = add(client, &given, &params);
    if (subscription == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    uint64_t serial = subscription->serial;
    int status = lg_client_request(client, "subscribe", params, answer);
    free(params);
    pthread_mutex_lock(&client->lock);
    subscription = scores_find_serial_locked(client, serial);
    if (subscription != NULL) {
        subscription->is_asked = false;
        subscription->is_made = status == LG_CLIENT_OK;
        if (status == LG_CLIENT_OK) {
            remove_older_locked(client, given.scene != NULL ? given.scene : DEFAULT_SCENE, serial);
        } else {
            scores_remove_locked(client, subscription);
            wait_for_running_locked(client, serial);
        }
    }
    pthread_mutex_unlock(&client->lock);
    return status;
}

int lg_client_unsubscribe(struct lg_client *client, const char *scene,
                          struct lg_client_answer *answer) {
    const char *name = scene != NULL ? scene : DEFAULT_SCENE;
    if (answer != NULL) {
        memset(answer, 0, sizeof(*answer));
    }
    if (client == NULL || !is_scene(scene)) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    json_t *object = json_pack("{s:s}", "scene", name);
    char *params = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    pthread_mutex_lock(&client->lock);
    remove_older_locked(client, name, UINT64_MAX);
    pthread_mutex_unlock(&client->lock);
    int status = params != NULL ? lg_client_request(client, "unsubscribe", params, answer)
                                : LG_CLIENT_ERROR_MEMORY;
    free(params);
    return status;
}
