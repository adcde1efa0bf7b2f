/* Where handled messages go besides: hosts of `forward`, chosen by the filter nodes. */
#include "renderer/score/forward.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "renderer/score/address.h"
#include "renderer/score/alloc.h"
#include "renderer/score/nodes/application.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/score_state.h"

static struct settings *settings_of(const struct object *owner) {
    const struct settings *settings =
        owner->parent == NULL ? application_settings(owner) : scene_settings(owner);
    return (struct settings *)(uintptr_t)settings;
}

/* -- hosts ------------------------------------------------------------------------------ */

/* "osc://host:port" into its parts; false when it is no such thing. */
static bool read_host(const char *word, char *host, size_t host_size, uint16_t *port) {
    if (strncasecmp(word, "osc://", 6) == 0) {
        word += 6;
    }
    const char *colon = strrchr(word, ':');
    size_t len = colon != NULL ? (size_t)(colon - word) : strlen(word);
    long number = FORWARD_PORT;
    if (colon != NULL) {
        char *end;
        number = strtol(colon + 1, &end, 10);
        if (*end != '\0' || end == colon + 1) {
            return false;
        }
    }
    if (len == 0 || len >= host_size || number < 1 || number > UINT16_MAX ||
        memchr(word, '/', len) != NULL) {
        return false;
    }
    memcpy(host, word, len);
    host[len] = '\0';
    *port = (uint16_t)number;
    return true;
}

static bool is_broadcast(const char *host) {
    size_t len = strlen(host);
    return (len >= 4 && strcmp(host + len - 4, ".255") == 0) || strcmp(host, "0.0.0.0") == 0;
}

static int check_host(struct object *owner, const struct param *param) {
    char host[256];
    uint16_t port;
    if (param->kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const char *word = param->as.text;
    if (strstr(word, "://") != NULL && strncasecmp(word, "osc://", 6) != 0) {
        score_error(owner->score, "forward: %s: only osc:// is there", word);
        return LG_ESCRIPT;
    }
    if (!read_host(word, host, sizeof host, &port)) {
        return LG_EBADREQUEST;
    }
    if (is_broadcast(host)) {
        score_error(owner->score, "forward: %s is a broadcast address", word);
        return LG_ESCRIPT;
    }
    return 0;
}

int forward_set(struct object *owner, const struct param *params, size_t n_params) {
    for (size_t i = 0; i < n_params; i++) {
        int err = check_host(owner, &params[i]);
        if (err != 0) {
            return err;
        }
    }
    int err = settings_set(settings_of(owner), "forward", params, n_params);
    owner->score->is_forwarding = false;
    struct object **scenes;
    size_t n_scenes = score_scenes(owner->score, &scenes);
    for (size_t i = 0; i <= n_scenes; i++) {
        const struct object *each = i < n_scenes ? scenes[i] : owner->score->root;
        size_t n_words;
        settings_words(settings_of(each), "forward", &n_words);
        owner->score->is_forwarding = owner->score->is_forwarding || n_words > 0;
    }
    return err;
}

/* -- filters ---------------------------------------------------------------------------- */

/* Patterns are compared segment by segment, all of them. */
static bool address_matches(const char *pattern, const char *address) {
    const char *wanted, *given;
    size_t wanted_len, given_len;
    do {
        wanted_len = address_next_segment(&pattern, &wanted);
        given_len = address_next_segment(&address, &given);
        if ((wanted_len == 0) != (given_len == 0)) {
            return false;
        }
        if (wanted_len > 0) {
            char *name = alloc_text_n(given, given_len);
            bool is_match = address_segment_matches(wanted, wanted_len, name);
            free(name);
            if (!is_match) {
                return false;
            }
        }
    } while (wanted_len > 0);
    return true;
}

static bool matches(const struct settings *filter, const char *kind, const struct message *msg) {
    size_t n_words;
    char *const *words = settings_words(filter, kind, &n_words);
    for (size_t i = 0; i < n_words; i++) {
        bool is_match = words[i][0] == '/'
                            ? address_matches(words[i], msg->address)
                            : msg->method != NULL && strcmp(words[i], msg->method) == 0;
        if (is_match) {
            return true;
        }
    }
    return false;
}

/* Accept wins over reject. */
static bool is_let_through(const struct object *owner, const struct message *msg) {
    const struct settings *filter = nodes_settings(object_child(owner, "filter"));
    return filter == NULL || matches(filter, "accept", msg) || !matches(filter, "reject", msg);
}

/* -- sending ---------------------------------------------------------------------------- */

/* "osc:127.0.0.1" came from that host. */
static bool is_sender(const char *source, const char *host) {
    return source != NULL && strncmp(source, "osc:", 4) == 0 && strcmp(source + 4, host) == 0;
}

static void send_from(const struct object *owner, const struct message *msg) {
    struct score *score = owner->score;
    size_t n_words;
    char *const *words = settings_words(settings_of(owner), "forward", &n_words);
    if (n_words == 0 || !is_let_through(owner, msg)) {
        return;
    }
    for (size_t i = 0; i < n_words; i++) {
        char host[256];
        struct message copy;
        uint16_t port;
        if (!read_host(words[i], host, sizeof host, &port) || is_sender(score->now.source, host)) {
            continue;
        }
        message_copy(&copy, msg);
        free(copy.host);
        copy.host = alloc_text(host);
        copy.port = port;
        score->env->send_osc(score->env->ctx, &copy);
        message_finish(&copy);
    }
}

void forward_message(struct score *score, const struct message *msg) {
    if (!score->is_forwarding || (msg->method != NULL && strcmp(msg->method, "forward") == 0)) {
        return;
    }
    send_from(score->root, msg);
    const char *rest = msg->address, *segment;
    size_t len = address_next_segment(&rest, &segment);
    len = len == 3 && strncmp(segment, "ITL", 3) == 0 ? address_next_segment(&rest, &segment) : 0;
    for (size_t i = 0; len > 0 && i < score->n_scenes; i++) {
        struct object *scene = score->scenes[i];
        if (!scene->is_deleted && address_segment_matches(segment, len, scene->name)) {
            send_from(scene, msg);
        }
    }
}
