/* The fileWatcher node: which files, and what to do when one changes. Watching
 * itself is renderer/io; it calls score_file_changed. */
#include "renderer/score/nodes/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/watch.h"

struct watched_file {
    char *path;
    struct message_list **lists;
    size_t n_lists;
};

struct node_files {
    struct watched_file *items;
    size_t n_items;
};

static void finish(struct watched_file *file) {
    for (size_t i = 0; i < file->n_lists; i++) {
        message_list_unref(file->lists[i]);
    }
    free(file->lists);
    free(file->path);
}

void node_files_destroy(struct node_files *files) {
    if (files == NULL) {
        return;
    }
    for (size_t i = 0; i < files->n_items; i++) {
        finish(&files->items[i]);
    }
    free(files->items);
    free(files);
}

/* Position of a path, n_items when it is not there. */
static size_t find(const struct node_files *files, const char *path) {
    size_t i = 0;
    while (i < files->n_items && strcmp(files->items[i].path, path) != 0) {
        i++;
    }
    return i;
}

static void drop(struct node_files *files, const char *path) {
    size_t at = find(files, path);
    if (at < files->n_items) {
        finish(&files->items[at]);
        files->n_items--;
        memmove(&files->items[at], &files->items[at + 1],
                (files->n_items - at) * sizeof *files->items);
    }
}

static int put(struct object *node, const char *path, struct message_list *list) {
    struct node_files *files = node->files;
    size_t at = find(files, path);
    if (at == files->n_items) {
        if (files->n_items >= LIMIT_WATCHES) {
            score_error(node->score, "too many watched files (limit %d)", LIMIT_WATCHES);
            return LG_ETOOLARGE;
        }
        files->items = alloc_resize(files->items, at + 1, sizeof *files->items);
        files->items[files->n_items++] = (struct watched_file){.path = alloc_text(path)};
    }
    struct watched_file *file = &files->items[at];
    if (file->n_lists >= LIMIT_WATCHES) {
        score_error(node->score, "too many messages for one file (limit %d)", LIMIT_WATCHES);
        return LG_ETOOLARGE;
    }
    file->lists = alloc_resize(file->lists, file->n_lists + 1, sizeof(struct message_list *));
    file->lists[file->n_lists++] = message_list_ref(list);
    return 0;
}

/* Relative to the application's root path. */
static bool is_there(const struct object *node, const char *path) {
    const struct score *score = node->score;
    return score->env->file_exists == NULL ||
           score->env->file_exists(score->env->ctx, score->root_path, path);
}

uint64_t score_watched_revision(const struct score *score) {
    return score->watched_revision;
}

int node_files_watch(struct object *node, const struct param *params, size_t n_params,
                     bool is_append) {
    node->score->watched_revision++;
    if (n_params == 0 && !is_append) {
        node_files_destroy(node->files);
        node->files = NULL;
        return 0;
    }
    if (n_params == 0 || params[0].kind != PARAM_STRING || (n_params == 1 && is_append)) {
        return LG_EBADREQUEST;
    }
    if (node->files == NULL) {
        node->files = alloc_zero(sizeof *node->files);
    }
    const char *path = params[0].as.text;
    if (n_params == 1) {
        drop(node->files, path);
        return 0;
    }
    struct message_list *list = watch_list_from_params(params + 1, n_params - 1);
    if (list == NULL) {
        return LG_EBADREQUEST;
    }
    if (!is_there(node, path)) {
        message_list_unref(list);
        score_error(node->score, "can't watch file : %s", path);
        return LG_EFORBIDDEN;
    }
    if (!is_append) {
        drop(node->files, path);
    }
    int err = put(node, path, list);
    message_list_unref(list);
    return err;
}

void node_files_list(const struct object *node, struct message **messages, size_t *n_messages) {
    size_t n_items = node->files != NULL ? node->files->n_items : 0;
    for (size_t i = 0; i < n_items; i++) {
        const struct watched_file *file = &node->files->items[i];
        for (size_t k = 0; k < file->n_lists; k++) {
            struct message msg;
            char *address = object_address(node);
            message_init(&msg, address, k == 0 ? "watch" : "watch+");
            free(address);
            message_give_param(&msg, param_string(file->path));
            watch_flatten(file->lists[k], &msg);
            *messages = alloc_resize(*messages, *n_messages + 1, sizeof **messages);
            (*messages)[(*n_messages)++] = msg;
        }
    }
}

void node_files_get(const struct object *node) {
    struct message *messages = NULL;
    size_t n_messages = 0;
    node_files_list(node, &messages, &n_messages);
    for (size_t i = 0; i < n_messages; i++) {
        object_reply(node, &messages[i]);
    }
    free(messages);
    if (n_messages == 0) { /* as the original */
        struct message msg;
        char *address = object_address(node);
        message_init(&msg, address, "watch");
        free(address);
        object_reply(node, &msg);
    }
}

bool score_watched_file(const struct score *score, size_t file_i, const char **path) {
    for (size_t s = 0; s < score->n_scenes; s++) {
        const struct object *node = object_child(score->scenes[s], "fileWatcher");
        size_t n_items = node != NULL && node->files != NULL ? node->files->n_items : 0;
        if (file_i < n_items) {
            *path = node->files->items[file_i].path;
            return true;
        }
        file_i -= n_items;
    }
    return false;
}

void score_file_changed(struct score *score, const char *path) {
    for (size_t s = 0; s < score->n_scenes; s++) {
        const struct object *node = object_child(score->scenes[s], "fileWatcher");
        size_t at = node != NULL && node->files != NULL ? find(node->files, path) : 0;
        if (node == NULL || node->files == NULL || at == node->files->n_items) {
            continue;
        }
        const struct watched_file *file = &node->files->items[at];
        for (size_t i = 0; i < file->n_lists; i++) {
            for (size_t k = 0; k < file->lists[i]->n_messages; k++) {
                watch_enqueue(score, &file->lists[i]->messages[k]);
            }
        }
    }
}
