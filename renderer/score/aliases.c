/* Aliases: an index of the score from address to object and message names. An
 * alias leads to an object, never to another alias, so there are no loops. */
#include "renderer/score/aliases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/dispatch.h"
#include "renderer/score/score_state.h"

struct alias {
    char *address;
    struct object *object;
    struct alias *next; /* of the same object */
    char **names;       /* "x" or "x[0,127]" as given; none = whole messages */
    size_t n_names;
};

static bool address_matches(const void *item, const void *key) {
    return strcmp(((const struct alias *)item)->address, key) == 0;
}

static uint64_t hash_of(const struct score *score, const char *address) {
    return index_hash_text(&score->key, address, strlen(address));
}

static struct alias *find(const struct score *score, const char *address) {
    return index_find(&score->aliases, hash_of(score, address), address_matches, address);
}

static void drop(struct score *score, struct alias *alias) {
    struct alias **at = &alias->object->aliases;
    while (*at != alias) {
        at = &(*at)->next;
    }
    *at = alias->next;
    index_remove(&score->aliases, hash_of(score, alias->address), alias);
    score->n_aliases--;
    for (size_t i = 0; i < alias->n_names; i++) {
        free(alias->names[i]);
    }
    free(alias->names);
    free(alias->address);
    free(alias);
}

void aliases_forget(struct object *object) {
    while (object->aliases != NULL) {
        drop(object->score, object->aliases);
    }
}

int aliases_set(struct object *object, const struct param *params, size_t n_params) {
    struct score *score = object->score;
    if (n_params == 0) {
        aliases_forget(object);
        return 0;
    }
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING) {
            return LG_EBADREQUEST;
        }
    }
    const char *address = params[0].as.text;
    if (address[0] != '/' || strlen(address) > LIMIT_ADDRESS_BYTES || n_params > LIMIT_WORDS) {
        return LG_EBADREQUEST;
    }
    struct alias *old = find(score, address);
    if (old != NULL) {
        drop(score, old);
    }
    if (score->n_aliases >= LIMIT_ALIASES) {
        score_error(score, "too many aliases (limit %d)", LIMIT_ALIASES);
        return LG_ETOOLARGE;
    }
    struct alias *alias = alloc_zero(sizeof *alias);
    alias->address = alloc_text(address);
    alias->object = object;
    alias->names = alloc_resize(NULL, n_params - 1, sizeof(char *));
    for (size_t i = 1; i < n_params; i++) {
        alias->names[alias->n_names++] = alloc_text(params[i].as.text);
    }
    struct alias **end = &object->aliases;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = alias;
    index_put(&score->aliases, hash_of(score, address), alias);
    score->n_aliases++;
    return 0;
}

/* "x[0,127]": the name alone, and the value scaled to -1..1. */
static void give_scaled(const char *name, const struct param *value, struct message *out) {
    const char *open = strchr(name, '[');
    struct param param = param_copy(value);
    size_t name_len = open != NULL ? (size_t)(open - name) : strlen(name);
    out->method = alloc_text_n(name, name_len);
    if (open != NULL && param_is_number(&param)) {
        char *end;
        double min = strtod(open + 1, &end);
        double max = *end == ',' ? strtod(end + 1, &end) : min;
        if (*end == ']' && max != min && isfinite(max - min)) {
            double scaled = 2 * ((double)param_as_float(&param) - min) / (max - min) - 1;
            param = param_float((float)scaled);
        }
    }
    message_give_param(out, param);
}

static void run_values(struct alias *alias, const struct message *msg) {
    struct message values = {0}; /* all values, the first may stand as the method */
    if (msg->method != NULL) {
        message_give_param(&values, param_string(msg->method));
    }
    for (size_t i = 0; i < msg->n_params; i++) {
        message_give_param(&values, param_copy(&msg->params[i]));
    }
    struct object *object = alias->object;
    if (values.n_params < alias->n_names) {
        score_error(object->score, "incorrect alias call: at least %zu parameters expected",
                    alias->n_names);
        message_finish(&values);
        return;
    }
    /* The messages are made first: running them may drop the alias. */
    size_t n = alias->n_names;
    struct message *messages = alloc_zero(n * sizeof *messages);
    char *address = object_address(object);
    for (size_t i = 0; i < n; i++) {
        message_init(&messages[i], address, NULL);
        give_scaled(alias->names[i], &values.params[i], &messages[i]);
    }
    for (size_t i = n; i < values.n_params; i++) {
        message_give_param(&messages[n - 1], param_copy(&values.params[i]));
    }
    free(address);
    message_finish(&values);
    for (size_t i = 0; i < n && !object_is_gone(object); i++) {
        dispatch_to_object(object, &messages[i]);
    }
    messages_free(messages, n);
}

bool aliases_process(struct score *score, const struct message *msg) {
    struct alias *alias = score->n_aliases > 0 ? find(score, msg->address) : NULL;
    if (alias == NULL || object_is_gone(alias->object)) {
        return false;
    }
    if (alias->n_names > 0) {
        run_values(alias, msg);
    } else {
        dispatch_to_object(alias->object, msg);
    }
    return true;
}

void aliases_list(const struct object *object, struct message **messages, size_t *n_messages) {
    for (const struct alias *alias = object->aliases; alias != NULL; alias = alias->next) {
        struct message msg;
        char *address = object_address(object);
        message_init(&msg, address, "alias");
        free(address);
        message_give_param(&msg, param_string(alias->address));
        for (size_t i = 0; i < alias->n_names; i++) {
            message_give_param(&msg, param_string(alias->names[i]));
        }
        *messages = alloc_resize(*messages, *n_messages + 1, sizeof **messages);
        (*messages)[(*n_messages)++] = msg;
    }
}
