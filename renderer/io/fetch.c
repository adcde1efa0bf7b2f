/* Fetching: one thread, one curl multi handle. Redirects are followed by hand, since each must be
 * checked; the address is checked when the socket is made, after the name was resolved. */
#include "renderer/io/fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/thread_name.h"
#include "proto/limits.h"
#include "renderer/io/fetch_address.h"

struct fetch {
    struct fetcher *fetcher;
    struct fetch *next;
    struct fetch_result *result;
    char *at; /* where redirects have led */
    CURL *curl;
    size_t capacity;
    int64_t deadline_us;
    unsigned n_redirects;
    bool is_named; /* its host: private addresses are fine */
    bool is_too_large, is_private;
};

struct fetcher {
    struct fetch_options options;
    CURLM *multi;
    pthread_t thread;
    struct fetch *running; /* the thread's */
    pthread_mutex_t lock;  /* the rest */
    struct fetch *waiting;
    unsigned n_fetches; /* waiting and running */
    bool is_stopping;
};

bool fetch_is_url(const char *path) {
    return strncasecmp(path, "http://", 7) == 0 || strncasecmp(path, "https://", 8) == 0;
}

void fetch_result_free(struct fetch_result *result) {
    if (result != NULL) {
        free(result->url);
        free(result->data);
        free(result);
    }
}

/* -- what may be asked -------------------------------------------------------------------- */

static int check_parts(struct fetcher *fetcher, CURLU *parts, bool *is_named, char *why,
                       size_t why_size) {
    char *host = NULL, *user = NULL, *scheme = NULL;
    int code = LG_EBADREQUEST;
    if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        snprintf(why, why_size, "only http and https URLs are loaded");
        goto out;
    }
    if (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK) {
        snprintf(why, why_size, "a URL with a user name is not loaded");
        goto out;
    }
    size_t len = strlen(host);
    const char *name = host;
    if (host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        name = host + 1;
    }
    enum fetch_permission permission =
        fetch_permission(fetcher->options.hosts, fetcher->options.n_hosts, name);
    *is_named = permission == FETCH_NAMED;
    code = permission == FETCH_NO ? LG_EFORBIDDEN : LG_OK;
    if (code != LG_OK) {
        snprintf(why, why_size, "host %.80s is not allowed (start the renderer with --allow-url)",
                 name);
    }
out:
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    return code;
}

static int check_url(struct fetcher *fetcher, const char *url, bool *is_named, char *why,
                     size_t why_size) {
    CURLU *parts = curl_url();
    int code = LG_EBADREQUEST;
    if (parts == NULL || strlen(url) > LIMIT_PATH_BYTES ||
        curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK) {
        snprintf(why, why_size, "this is no URL that can be loaded");
    } else {
        code = check_parts(fetcher, parts, is_named, why, why_size);
    }
    curl_url_cleanup(parts);
    return code;
}

/* -- one transfer ---------------------------------------------------------------------------- */

static size_t on_bytes(char *bytes, size_t size, size_t n, void *ctx) {
    struct fetch *fetch = ctx;
    struct fetch_result *result = fetch->result;
    size_t len = size * n;
    if (len > LIMIT_URL_BYTES - result->size_bytes) {
        fetch->is_too_large = true;
        return 0;
    }
    if (result->size_bytes + len + 1 > fetch->capacity) {
        size_t capacity = 2 * (result->size_bytes + len) + 4096;
        char *data = realloc(result->data, capacity);
        if (data == NULL) {
            return 0;
        }
        result->data = data;
        fetch->capacity = capacity;
    }
    memcpy(result->data + result->size_bytes, bytes, len);
    result->size_bytes += len;
    result->data[result->size_bytes] = '\0';
    return len;
}

static curl_socket_t on_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address) {
    struct fetch *fetch = ctx;
    (void)purpose;
    if (!fetch->is_named && fetch_is_private(&address->addr)) {
        fetch->is_private = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int begin(struct fetch *fetch) {
    char *why = fetch->result->why;
    int code =
        check_url(fetch->fetcher, fetch->at, &fetch->is_named, why, sizeof fetch->result->why);
    int64_t left_ms = (fetch->deadline_us - lg_clock_us()) / 1000;
    if (code == LG_OK && left_ms <= 0) {
        snprintf(why, sizeof fetch->result->why, "took longer than %d s", LIMIT_FETCH_MS / 1000);
        code = LG_EBUSY;
    }
    CURL *curl = code == LG_OK ? curl_easy_init() : NULL;
    if (curl == NULL) {
        return code == LG_OK ? LG_ENOMEM : code;
    }
    fetch->curl = curl;
    curl_easy_setopt(curl, CURLOPT_URL, fetch->at);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* a proxy would look up the address for us */
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)LIMIT_FETCH_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)LIMIT_URL_BYTES);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L); /* each socket is checked for its own host */
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "leggio");
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, fetch);
    return curl_multi_add_handle(fetch->fetcher->multi, curl) == CURLM_OK ? LG_OK : LG_ENOMEM;
}

static void end_transfer(struct fetch *fetch) {
    if (fetch->curl != NULL) {
        curl_multi_remove_handle(fetch->fetcher->multi, fetch->curl);
        curl_easy_cleanup(fetch->curl);
        fetch->curl = NULL;
    }
}

static void free_fetch(struct fetch *fetch) {
    end_transfer(fetch);
    fetch_result_free(fetch->result);
    free(fetch->at);
    free(fetch);
}

static void finish(struct fetch *fetch) {
    struct fetcher *fetcher = fetch->fetcher;
    struct fetch_result *result = fetch->result;
    struct fetch **at = &fetcher->running;
    while (*at != fetch) {
        at = &(*at)->next;
    }
    *at = fetch->next;
    fetch->result = NULL;
    free_fetch(fetch);
    pthread_mutex_lock(&fetcher->lock);
    fetcher->n_fetches--;
    pthread_mutex_unlock(&fetcher->lock);
    if (result->why[0] != '\0') {
        free(result->data);
        result->data = NULL;
        result->size_bytes = 0;
        lg_log(LG_LOG_WARN, "fetch", "failed", "why=%s", result->why);
    }
    fetcher->options.on_done(fetcher->options.ctx, result);
}

static const char *why_failed(const struct fetch *fetch, CURLcode code) {
    return fetch->is_private                                        ? "its address is private"
           : fetch->is_too_large || code == CURLE_FILESIZE_EXCEEDED ? "larger than 32 MiB"
           : code == CURLE_OPERATION_TIMEDOUT                       ? "took too long"
                                                                    : curl_easy_strerror(code);
}

/* Another transfer of the same fetch; false = it ended, with the reason in why. */
static bool redirect(struct fetch *fetch) {
    char *to = NULL;
    curl_easy_getinfo(fetch->curl, CURLINFO_REDIRECT_URL, &to);
    char *copy = to != NULL ? strdup(to) : NULL;
    struct fetch_result *result = fetch->result;
    if (copy == NULL || ++fetch->n_redirects > LIMIT_FETCH_REDIRECTS) {
        free(copy);
        snprintf(result->why, sizeof result->why, "redirected more than %d times or to nowhere",
                 LIMIT_FETCH_REDIRECTS);
        return false;
    }
    end_transfer(fetch);
    free(fetch->at);
    fetch->at = copy;
    result->size_bytes = 0;
    if (begin(fetch) == LG_OK) {
        return true;
    }
    if (result->why[0] == '\0') {
        snprintf(result->why, sizeof result->why, "no memory");
    }
    return false;
}

static void on_transfer_done(CURL *curl, CURLcode code) {
    struct fetch *fetch = NULL;
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, &fetch);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    struct fetch_result *result = fetch->result;
    if (code != CURLE_OK) {
        snprintf(result->why, sizeof result->why, "%s", why_failed(fetch, code));
    } else if (status >= 300 && status < 400 && status != 304) {
        if (redirect(fetch)) {
            return;
        }
    } else if (status != 200) {
        snprintf(result->why, sizeof result->why, "answered %ld", status);
    } else if (result->data == NULL) {
        result->data = calloc(1, 1); /* an empty file */
    }
    finish(fetch);
}

/* -- the thread ------------------------------------------------------------------------------ */

static void start_waiting(struct fetcher *fetcher) {
    pthread_mutex_lock(&fetcher->lock);
    struct fetch *list = fetcher->waiting;
    fetcher->waiting = NULL;
    pthread_mutex_unlock(&fetcher->lock);
    while (list != NULL) {
        struct fetch *fetch = list;
        list = fetch->next;
        fetch->next = fetcher->running;
        fetcher->running = fetch;
        if (begin(fetch) != LG_OK) {
            if (fetch->result->why[0] == '\0') {
                snprintf(fetch->result->why, sizeof fetch->result->why, "no memory");
            }
            finish(fetch);
        }
    }
}

static bool is_stopping(struct fetcher *fetcher) {
    pthread_mutex_lock(&fetcher->lock);
    bool is = fetcher->is_stopping;
    pthread_mutex_unlock(&fetcher->lock);
    return is;
}

static void *work(void *arg) {
    struct fetcher *fetcher = arg;
    lg_thread_name("fetch");
    while (!is_stopping(fetcher)) {
        int n_running, n_left;
        start_waiting(fetcher);
        curl_multi_perform(fetcher->multi, &n_running);
        for (CURLMsg *news; (news = curl_multi_info_read(fetcher->multi, &n_left)) != NULL;) {
            if (news->msg == CURLMSG_DONE) {
                on_transfer_done(news->easy_handle, news->data.result);
            }
        }
        curl_multi_poll(fetcher->multi, NULL, 0, 1000, NULL); /* woken for new ones */
    }
    return NULL;
}

struct fetcher *fetcher_create(const struct fetch_options *options) {
    struct fetcher *fetcher = calloc(1, sizeof *fetcher);
    if (fetcher == NULL) {
        return NULL;
    }
    fetcher->options = *options;
    pthread_mutex_init(&fetcher->lock, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    fetcher->multi = curl_multi_init();
    if (fetcher->multi == NULL || pthread_create(&fetcher->thread, NULL, work, fetcher) != 0) {
        curl_multi_cleanup(fetcher->multi);
        pthread_mutex_destroy(&fetcher->lock);
        free(fetcher);
        return NULL;
    }
    return fetcher;
}

static void free_list(struct fetch *list) {
    while (list != NULL) {
        struct fetch *next = list->next;
        free_fetch(list);
        list = next;
    }
}

void fetcher_destroy(struct fetcher *fetcher) {
    if (fetcher == NULL) {
        return;
    }
    pthread_mutex_lock(&fetcher->lock);
    fetcher->is_stopping = true;
    pthread_mutex_unlock(&fetcher->lock);
    curl_multi_wakeup(fetcher->multi);
    pthread_join(fetcher->thread, NULL);
    free_list(fetcher->running);
    free_list(fetcher->waiting);
    curl_multi_cleanup(fetcher->multi);
    curl_global_cleanup();
    pthread_mutex_destroy(&fetcher->lock);
    free(fetcher);
}

static struct fetch *make_fetch(struct fetcher *fetcher, const char *url) {
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL) {
        return NULL;
    }
    fetch->fetcher = fetcher;
    fetch->deadline_us = lg_clock_us() + (int64_t)LIMIT_FETCH_MS * 1000;
    fetch->at = strdup(url);
    fetch->result = calloc(1, sizeof *fetch->result);
    if (fetch->result != NULL) {
        fetch->result->url = strdup(url);
    }
    if (fetch->at == NULL || fetch->result == NULL || fetch->result->url == NULL) {
        free_fetch(fetch);
        return NULL;
    }
    return fetch;
}

int fetcher_give(struct fetcher *fetcher, const char *url, char *why, size_t why_size) {
    bool is_named;
    int code = check_url(fetcher, url, &is_named, why, why_size);
    if (code != LG_OK) {
        return code;
    }
    struct fetch *fetch = make_fetch(fetcher, url);
    if (fetch == NULL) {
        snprintf(why, why_size, "no memory");
        return LG_ENOMEM;
    }
    pthread_mutex_lock(&fetcher->lock);
    bool has_room = fetcher->n_fetches < LIMIT_FETCHES;
    if (has_room) {
        fetcher->n_fetches++;
        fetch->next = fetcher->waiting;
        fetcher->waiting = fetch;
    }
    pthread_mutex_unlock(&fetcher->lock);
    if (!has_room) {
        free_fetch(fetch);
        snprintf(why, why_size, "too many URLs at a time (limit %d)", LIMIT_FETCHES);
        return LG_EBUSY;
    }
    curl_multi_wakeup(fetcher->multi);
    return LG_OK;
}
