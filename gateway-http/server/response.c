/* Making responses. No copy of a frame is made here: the library sends from
 * the frame's own bytes and gives the reference back at the end. */
#include "gateway-http/server/response.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/utf8.h"

/* Of known size; others use the memory of the connection. */
#define STREAM_BLOCK_BYTES (64 * 1024)

static const char EXPOSED[] =
    "X-Inscore-Version, ETag, Last-Modified, Content-Range, Accept-Ranges, "
    "Retry-After, Warning, X-Leggio-Stale-Since, "
    "X-Leggio-Scene-Size";

void response_add(struct MHD_Response *response, const char *name, const char *value) {
    if (response != NULL && MHD_add_response_header(response, name, value) != MHD_YES) {
        lg_log(LG_LOG_WARN, "http", "header_lost", "name=%s", name);
    }
}

void response_expose(struct MHD_Response *response) {
    static const char NAME[] = "Access-Control-Expose-Headers";
    if (response != NULL && MHD_get_response_header(response, NAME) == NULL) {
        response_add(response, NAME, EXPOSED);
    }
}

static struct MHD_Response *with_common_headers(struct MHD_Response *response, const char *type) {
    if (response == NULL) {
        lg_log(LG_LOG_ERROR, "http", "no_memory", NULL);
        return NULL;
    }
    if (type != NULL) {
        response_add(response, "Content-Type", type);
    }
    response_add(response, "Access-Control-Allow-Origin", "*");
    response_expose(response);
    response_add(response, "Cache-Control", "no-cache");
    response_add(response, "Pragma", "no-cache");
    response_add(response, "X-Content-Type-Options", "nosniff");
    return response;
}

struct MHD_Response *response_empty(void) {
    return with_common_headers(MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT),
                               NULL);
}

struct MHD_Response *response_not_modified(const char *etag) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    response_add(response, "Access-Control-Allow-Origin", "*");
    response_add(response, "Cache-Control", "no-cache");
    response_add(response, "ETag", etag);
    return response;
}

struct MHD_Response *response_text(const char *text, const char *type) {
    return with_common_headers(MHD_create_response_from_buffer(
                                   strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY),
                               type);
}

struct MHD_Response *response_json(json_t *value) {
    char *text = value != NULL ? json_dumps(value, JSON_INDENT(1) | JSON_ENCODE_ANY) : NULL;
    json_decref(value);
    if (text == NULL) {
        return NULL;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(text);
    }
    return with_common_headers(response, "application/json");
}

struct MHD_Response *response_error(const char *text, size_t size_bytes) {
    char *clean = lg_utf8_clean(text, size_bytes);
    json_t *value = clean != NULL ? json_pack("{s:s}", "error", clean) : NULL;
    free(clean);
    return response_json(value);
}

struct MHD_Response *response_bytes(const void *bytes, size_t size_bytes, const char *type,
                                    void (*release)(void *ctx), void *ctx) {
    struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
        size_bytes, (void *)(uintptr_t)bytes, release, ctx);
    if (response == NULL) {
        release(ctx);
    }
    return with_common_headers(response, type);
}

/* -- streams ------------------------------------------------------------ */

struct stream {
    int64_t (*read)(void *ctx, uint64_t at, char *out, size_t max);
    void (*release)(void *ctx);
    void *ctx;
};

static ssize_t on_read(void *cls, uint64_t at, char *out, size_t max) {
    struct stream *stream = cls;
    int64_t n = stream->read(stream->ctx, at, out, max);
    if (n == RESPONSE_END) {
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    return n < 0 ? MHD_CONTENT_READER_END_WITH_ERROR : (ssize_t)n;
}

static void on_release(void *cls) {
    struct stream *stream = cls;
    stream->release(stream->ctx);
    free(stream);
}

struct MHD_Response *response_stream(uint64_t size_bytes, const char *type,
                                     int64_t (*read)(void *ctx, uint64_t at, char *out, size_t max),
                                     void (*release)(void *ctx), void *ctx) {
    struct stream *stream = malloc(sizeof *stream);
    struct MHD_Response *response = NULL;
    if (stream != NULL) {
        *stream = (struct stream){read, release, ctx};
        response = MHD_create_response_from_callback(
            size_bytes == RESPONSE_SIZE_UNKNOWN ? MHD_SIZE_UNKNOWN : size_bytes,
            size_bytes == RESPONSE_SIZE_UNKNOWN ? 1024 : STREAM_BLOCK_BYTES, on_read, stream,
            on_release);
    }
    if (response == NULL) {
        free(stream);
        release(ctx);
    }
    return with_common_headers(response, type);
}

void response_unref(struct MHD_Response *response) {
    if (response != NULL) {
        MHD_destroy_response(response);
    }
}
