/* GET anything else: a file under the root path, read by the renderer in
 * chunks, so that a large file costs one chunk of memory per client. The path
 * was made plain by path.c; the renderer opens it inside its root only. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/mime.h"
#include "gateway-http/exchange.h"
#include "gateway-http/range.h"
#include "gateway-http/server/response.h"
#include "gateway-http/validators.h"

/* A file changed again within the second of its time stamp would keep its tag. */
#define FILE_SETTLED_S 2

enum file_stage { STAGE_START = 0, STAGE_OPENED, STAGE_FIRST_CHUNK, STAGE_STREAM };

struct file_answer {
    struct exchange *exchange;
    uint64_t total_bytes;
    int64_t mtime_s;
    struct range range; /* of the file; what this answer holds */
    bool is_part;
    uint64_t chunk_at; /* where in the file exchange->reply.bytes begin */
    bool is_asked;     /* a call for the next chunk is under way or just back */
};

static void ask(struct exchange *exchange, int next_stage, uint64_t offset, uint64_t length) {
    struct call_request request = {
        .kind = CALL_FILE,
        .text = exchange->path,
        .text_size_bytes = strlen(exchange->path),
        .offset_bytes = offset,
        .length_bytes = length < LIMIT_FILE_CHUNK_BYTES ? length : LIMIT_FILE_CHUNK_BYTES};
    exchange->stage = next_stage;
    exchange_call(exchange, &request, false);
}

static void file_etag(char out[VALIDATOR_ETAG_BYTES], const struct file_answer *file) {
    snprintf(out, VALIDATOR_ETAG_BYTES, "W/\"f-%" PRIx64 "-%" PRIx64 "\"", (uint64_t)file->mtime_s,
             file->total_bytes);
}

static void add_file_headers(struct MHD_Response *response, const struct file_answer *file) {
    char etag[VALIDATOR_ETAG_BYTES], date[VALIDATOR_DATE_BYTES], text[96];
    file_etag(etag, file);
    validator_date_format(date, file->mtime_s);
    response_add(response, "ETag", etag);
    response_add(response, "Last-Modified", date);
    response_add(response, "Accept-Ranges", "bytes");
    if (file->is_part) {
        snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, file->range.first,
                 file->range.first + file->range.length - 1, file->total_bytes);
        response_add(response, "Content-Range", text);
    }
}

static bool is_not_modified(const struct exchange *exchange, const struct file_answer *file) {
    const struct http_headers *headers = &exchange->request->headers;
    char etag[VALIDATOR_ETAG_BYTES];
    int64_t since_s;
    if (lg_clock_wall_us() / 1000000 - file->mtime_s < FILE_SETTLED_S) {
        return false;
    }
    if (headers->if_none_match != NULL) {
        file_etag(etag, file);
        return validator_etag_matches(headers->if_none_match, etag);
    }
    return headers->if_modified_since != NULL &&
           validator_date_parse(headers->if_modified_since, &since_s) && since_s == file->mtime_s;
}

/* -- body --------------------------------------------------------------- */

static int64_t read_file(void *ctx, uint64_t at, char *out, size_t max) {
    struct file_answer *file = ctx;
    struct exchange *exchange = file->exchange;
    struct exchange_reply *reply = &exchange->reply;
    uint64_t place = file->range.first + at;
    http_request_set_stream(exchange->request);
    if (file->is_asked) {
        file->is_asked = false;
        if (reply->code != LG_OK || reply->bytes_size == 0 || reply->mtime_s != file->mtime_s ||
            reply->total_size_bytes != file->total_bytes) {
            return RESPONSE_BROKEN; /* gone or changed: the client sees a short body */
        }
        file->chunk_at = place;
    }
    if (place >= file->range.first + file->range.length) {
        return RESPONSE_END;
    }
    uint64_t have = file->chunk_at + reply->bytes_size;
    if (place < file->chunk_at || place >= have) {
        file->is_asked = true;
        ask(exchange, STAGE_STREAM, place, file->range.first + file->range.length - place);
        return RESPONSE_SUSPENDED;
    }
    size_t n = (size_t)(have - place);
    n = n < max ? n : max;
    memcpy(out, reply->bytes + (place - file->chunk_at), n);
    return (int64_t)n;
}

/* The exchange owns the answer's state and frees it; see handle_events.c. */
static void keep_nothing(void *ctx) {
    (void)ctx;
}

static void send_body(struct exchange *exchange, struct file_answer *file) {
    struct exchange_reply *reply = &exchange->reply;
    const char *type = lg_mime_of_path(exchange->path);
    struct MHD_Response *response;
    if (reply->bytes_size == file->range.length && file->chunk_at == file->range.first &&
        exchange->request->method != HTTP_HEAD) {
        response = response_bytes(reply->bytes, reply->bytes_size, type, free, reply->bytes);
        reply->bytes = NULL;
        reply->bytes_size = 0;
    } else {
        response = response_stream(file->range.length, type, read_file, keep_nothing, file);
    }
    add_file_headers(response, file);
    exchange_give(exchange, file->is_part ? 206 : 200, response);
    http_request_set_stream(exchange->request);
}

static void send_unsatisfiable(struct exchange *exchange, const struct file_answer *file) {
    char text[64];
    struct MHD_Response *response = response_text("no such range", "text/plain; charset=utf-8");
    snprintf(text, sizeof text, "bytes */%" PRIu64, file->total_bytes);
    response_add(response, "Content-Range", text);
    exchange_give(exchange, 416, response);
}

static void send_not_modified(struct exchange *exchange, const struct file_answer *file) {
    struct MHD_Response *response = response_empty();
    add_file_headers(response, file);
    exchange_give(exchange, 304, response);
}

/* The file is there; which part of it is wanted? */
static void on_opened(struct exchange *exchange, struct file_answer *file) {
    const struct http_headers *headers = &exchange->request->headers;
    if (is_not_modified(exchange, file)) {
        send_not_modified(exchange, file);
        return;
    }
    /* If-Range needs a strong tag, and there is none: then everything is sent. */
    const char *range = headers->if_range == NULL ? headers->range : NULL;
    enum range_kind kind = range_parse(range, file->total_bytes, &file->range);
    if (kind == RANGE_UNSATISFIABLE) {
        send_unsatisfiable(exchange, file);
        return;
    }
    file->is_part = kind == RANGE_PART;
    if (!file->is_part) {
        file->range = (struct range){0, file->total_bytes};
    }
    /* What came with the first call is used only when it is the whole file's
     * beginning and all of it is wanted. */
    if (exchange->request->method == HTTP_HEAD || !file->is_part) {
        send_body(exchange, file);
    } else {
        ask(exchange, STAGE_FIRST_CHUNK, file->range.first, file->range.length);
    }
}

static void on_first_chunk(struct exchange *exchange, struct file_answer *file) {
    const struct exchange_reply *reply = &exchange->reply;
    if (reply->bytes_size == 0 || reply->mtime_s != file->mtime_s ||
        reply->total_size_bytes != file->total_bytes) {
        exchange_error(exchange, 503, "the file is being changed");
        return;
    }
    file->chunk_at = file->range.first;
    send_body(exchange, file);
}

static struct file_answer *create_answer(struct exchange *exchange) {
    struct file_answer *file = calloc(1, sizeof *file);
    if (file != NULL) {
        file->exchange = exchange;
        file->total_bytes = exchange->reply.total_size_bytes;
        file->mtime_s = exchange->reply.mtime_s;
        exchange->handler_ctx = file;
        exchange->release = free;
    }
    return file;
}

void handle_file(struct exchange *exchange) {
    const struct exchange_reply *reply = &exchange->reply;
    if (exchange->stage == STAGE_START) {
        bool wants_all =
            exchange->request->method == HTTP_GET && exchange->request->headers.range == NULL;
        ask(exchange, STAGE_OPENED, 0, wants_all ? LIMIT_FILE_CHUNK_BYTES : 1);
        return;
    }
    if (reply->code == LG_EBUSY || reply->code == LG_EINTERNAL) {
        exchange_call_error(exchange);
        return;
    }
    if (reply->code != LG_OK || reply->total_size_bytes == 0 || reply->bytes_size == 0) {
        exchange_text(exchange, 404, "404 Page Not Found"); /* also for empty files, as ever */
        return;
    }
    if (exchange->stage == STAGE_FIRST_CHUNK) {
        on_first_chunk(exchange, exchange->handler_ctx);
        return;
    }
    struct file_answer *file = create_answer(exchange);
    if (file == NULL) {
        exchange_error(exchange, 503, "out of memory");
        return;
    }
    on_opened(exchange, file);
}
