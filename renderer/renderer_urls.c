/* URLs of the score: asked for once, delivered to everybody who waits, then forgotten. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/io/fetch.h"
#include "renderer/parts.h"

struct urls {
    struct renderer *renderer;
    struct fetcher *fetcher;
    char *under_way[LIMIT_FETCHES];
    size_t n_under_way;
    const struct fetch_result *arrived; /* while it is delivered */
};

struct arrival {
    struct urls *urls;
    struct fetch_result *result;
};

static void forget(struct urls *urls, const char *url) {
    for (size_t i = 0; i < urls->n_under_way; i++) {
        if (strcmp(urls->under_way[i], url) == 0) {
            free(urls->under_way[i]);
            urls->under_way[i] = urls->under_way[--urls->n_under_way];
            return;
        }
    }
}

/* Score thread: one transaction. */
static void deliver(void *ctx) {
    struct arrival *arrival = ctx;
    struct urls *urls = arrival->urls;
    struct fetch_result *result = arrival->result;
    struct renderer *renderer = urls->renderer;
    if (renderer->urls != NULL) { /* else we are stopping */
        struct score_result done;
        forget(urls, result->url);
        urls->arrived = result;
        struct pack *body = inputs_open(renderer->inputs, INPUT_URL, "url");
        pack_array(body, 2);
        pack_text(body, result->url);
        pack_text(body, result->why[0] != '\0' ? result->why : NULL);
        inputs_note_file(renderer->inputs, result->url, result->data != NULL ? LG_OK : LG_ENOTFOUND,
                         result->data, result->size_bytes);
        score_begin(renderer->score, "url");
        score_url_arrived(renderer->score, result->url,
                          result->why[0] != '\0' ? result->why : NULL);
        score_end(renderer->score, &done);
        inputs_close(renderer->inputs, &done);
        urls->arrived = NULL;
        osc_link_tell(renderer->osc, &done);
        score_result_finish(&done);
        renderer_run_task(renderer);
    }
    fetch_result_free(result);
    free(arrival);
}

/* The fetching thread. */
static void on_done(void *ctx, struct fetch_result *result) {
    struct urls *urls = ctx;
    struct arrival *arrival = calloc(1, sizeof *arrival);
    if (arrival != NULL) {
        *arrival = (struct arrival){urls, result};
        if (loop_post(urls->renderer->loop, deliver, arrival) == LG_OK) {
            return;
        }
    }
    free(arrival);
    fetch_result_free(result);
}

struct urls *urls_create(struct renderer *renderer) {
    struct urls *urls = calloc(1, sizeof *urls);
    if (urls == NULL) {
        return NULL;
    }
    urls->renderer = renderer;
    const struct fetch_options options = {.hosts = renderer->options->url_hosts,
                                          .n_hosts = renderer->options->n_url_hosts,
                                          .ctx = urls,
                                          .on_done = on_done};
    urls->fetcher = fetcher_create(&options);
    if (urls->fetcher == NULL) {
        free(urls);
        return NULL;
    }
    return urls;
}

void urls_stop(struct urls *urls) {
    if (urls != NULL) {
        fetcher_destroy(urls->fetcher);
        urls->fetcher = NULL;
    }
}

void urls_destroy(struct urls *urls) {
    if (urls != NULL) {
        for (size_t i = 0; i < urls->n_under_way; i++) {
            free(urls->under_way[i]);
        }
        free(urls);
    }
}

static bool is_under_way(const struct urls *urls, const char *url) {
    for (size_t i = 0; i < urls->n_under_way; i++) {
        if (strcmp(urls->under_way[i], url) == 0) {
            return true;
        }
    }
    return false;
}

/* A copy of what has just arrived. */
static int read_arrived(const struct fetch_result *arrived, char **data, size_t *size_bytes) {
    if (arrived->data == NULL) {
        return LG_ENOTFOUND;
    }
    *data = malloc(arrived->size_bytes + 1);
    if (*data == NULL) {
        return LG_ENOMEM;
    }
    memcpy(*data, arrived->data, arrived->size_bytes);
    (*data)[arrived->size_bytes] = '\0';
    *size_bytes = arrived->size_bytes;
    return LG_OK;
}

void urls_ask(struct urls *urls, const char *url) {
    char why[160];
    char *copy = is_under_way(urls, url) || urls->n_under_way == LIMIT_FETCHES ? NULL : strdup(url);
    if (copy != NULL && fetcher_give(urls->fetcher, url, why, sizeof why) == LG_OK) {
        urls->under_way[urls->n_under_way++] = copy;
    } else {
        free(copy);
    }
}

int urls_read(struct renderer *renderer, const char *url, char **data, size_t *size_bytes) {
    struct urls *urls = renderer->urls;
    char why[160] = "URLs are not loaded here";
    if (urls != NULL && urls->arrived != NULL && strcmp(urls->arrived->url, url) == 0) {
        return read_arrived(urls->arrived, data, size_bytes);
    }
    bool is_asked = urls != NULL && is_under_way(urls, url);
    char *copy = urls == NULL || is_asked ? NULL : strdup(url);
    int code = is_asked ? LG_OK : LG_EFORBIDDEN;
    if (copy != NULL) {
        code = urls->n_under_way < LIMIT_FETCHES ? fetcher_give(urls->fetcher, url, why, sizeof why)
                                                 : LG_EBUSY;
    }
    if (copy != NULL && code == LG_OK) {
        urls->under_way[urls->n_under_way++] = copy;
    } else {
        free(copy);
    }
    if (code == LG_OK && score_wait_for_url(renderer->score, url)) {
        return LG_EBUSY;
    }
    if (code != LG_OK) {
        struct text words = {0};
        text_printf(&words, "can't load %s : %s", url, why);
        const struct answer answer = {
            .kind = ANSWER_URL, .key = url, .a = LG_ENOTFOUND, .text = words.data};
        inputs_note(renderer->inputs, &answer);
        score_error(renderer->score, "%s", words.data);
        text_finish(&words);
    }
    return LG_ENOTFOUND;
}
