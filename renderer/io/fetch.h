/* Resources named by URL: http and https, fetched by libcurl on a thread of their own.
 *
 * Only hosts that were allowed are asked, at each redirect again. Addresses of this machine and of
 * private networks are refused unless the host was named itself. Bounded: LIMIT_FETCHES at a time
 * and waiting (more are refused), LIMIT_URL_BYTES each, LIMIT_FETCH_MS in all,
 * LIMIT_FETCH_REDIRECTS. */
#ifndef LEGGIO_IO_FETCH_H
#define LEGGIO_IO_FETCH_H

#include <stdbool.h>
#include <stddef.h>

struct fetcher;

struct fetch_result {
    char *url;
    char *data; /* NULL when it failed */
    size_t size_bytes;
    char why[160]; /* why it failed, for people; "" = it did not */
};

struct fetch_options {
    /* Items of --allow-url: HOST[,HOST…] or any. Borrowed for life. */
    const char *const *hosts;
    size_t n_hosts;
    void *ctx;
    /* On the fetching thread; the result is the callee's: fetch_result_free. */
    void (*on_done)(void *ctx, struct fetch_result *result);
};

/* NULL: no memory, no thread. */
struct fetcher *fetcher_create(const struct fetch_options *options);
/* What is under way is given up, without on_done. */
void fetcher_destroy(struct fetcher *fetcher);
/* Any thread. 0; LG_EBADREQUEST, LG_EFORBIDDEN, LG_EBUSY with the reason in why. */
int fetcher_give(struct fetcher *fetcher, const char *url, char *why, size_t why_size);
void fetch_result_free(struct fetch_result *result);
/* Does it begin with http:// or https://? */
bool fetch_is_url(const char *path);

#endif
