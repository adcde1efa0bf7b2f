/* The INScore dialect: version, image, post, click, hover, file, log and
 * notifications.
 *
 * source: reference inscore-web-api, sections 3, 7 and 8
 */
#include <stdlib.h>
#include <string.h>

#include "common/broker/upstream.h"
#include "common/err.h"
#include "common/mime.h"
#include "common/score_rpc/score_rpc.h"
#include "gateway-ws/dialect.h"
#include "gateway-ws/inscore_json.h"
#include "gateway-ws/ws_connection.h"
#include "proto/limits.h"

static const char BAD_REQUEST[] = "Bad request";

enum { SHOW_MS = 5000 }; /* a post is answered then, shown or not */

/* One request that waits for the renderer, or for a picture. */
struct pending {
    enum inscore_method method;
    uint8_t *bytes; /* of a file, so far */
    size_t size_bytes;
    uint64_t total_bytes; /* of the file, as the first piece said */
    char *path;
    char *reply; /* once it waits for a picture; NULL: `version` */
    char id[];   /* NUL-terminated */
};

/* Sends and frees a text; out of memory closes the client. */
static void reply(struct ws_connection *connection, char *text) {
    if (text == NULL) {
        ws_connection_close(connection, WS_CLOSE_OVERLOADED, "out of memory");
        return;
    }
    ws_connection_reply(connection, text, strlen(text));
    free(text);
}

static void reply_error(struct ws_connection *connection, const char *id, const char *error) {
    reply(connection, inscore_error(id, error, strlen(error)));
}

static const char *text_of_error(enum inscore_method method, int code) {
    if (method == INSCORE_FILE && (code == LG_ENOTFOUND || code == LG_ETOOLARGE)) {
        return code == LG_ENOTFOUND ? "File not found" : "File too large";
    }
    return lg_err_word(code);
}

static struct pending *make_pending(const struct inscore_request *request) {
    size_t len = strlen(request->id);
    struct pending *pending = calloc(1, sizeof(*pending) + len + 1);
    if (pending == NULL) {
        return NULL;
    }
    pending->method = request->method;
    memcpy(pending->id, request->id, len + 1);
    if (request->method == INSCORE_FILE && (pending->path = strdup(request->text)) == NULL) {
        free(pending);
        return NULL;
    }
    return pending;
}

static void destroy_pending(void *cookie) {
    struct pending *pending = cookie;
    free(pending->bytes);
    free(pending->path);
    free(pending->reply);
    free(pending);
}

/* Sends the call; an answer that cannot be expected is given at once. */
static void call(struct ws_connection *connection, struct call_request *call_request,
                 struct pending *pending) {
    int err = ws_connection_call(connection, call_request, pending, destroy_pending);
    if (err != 0) {
        reply_error(connection, pending->id, text_of_error(pending->method, err));
        destroy_pending(pending);
    }
}

static void call_for(struct ws_connection *connection, const struct inscore_request *request,
                     enum call_kind kind) {
    struct pending *pending = make_pending(request);
    if (pending == NULL) {
        ws_connection_close(connection, WS_CLOSE_OVERLOADED, "out of memory");
        return;
    }
    struct call_request call_request = {
        .kind = kind,
        .text = request->text,
        .text_size_bytes = request->text_size_bytes,
        .x = request->x,
        .y = request->y,
        .deadline_ms = score_rpc_post_deadline_ms(request->text_size_bytes),
    };
    call(connection, &call_request, pending);
}

/* -- methods -------------------------------------------------------------- */

static void tell_version(struct ws_connection *connection, const char *id) {
    uint64_t version;
    if (ws_connection_version(connection, &version)) {
        reply(connection, inscore_version(id, version));
    } else {
        reply_error(connection, id, text_of_error(INSCORE_VERSION, LG_EBUSY));
    }
}

static void on_version(struct ws_connection *connection, const struct inscore_request *request) {
    uint64_t version;
    struct pending *pending = NULL;
    if (!ws_connection_version(connection, &version) && ws_connection_expects_picture(connection)) {
        pending = make_pending(request);
    }
    if (pending == NULL) {
        tell_version(connection, request->id);
        return;
    }
    const struct ws_wait wait = {.version = 1,
                                 .timeout_ms = LIMIT_FIRST_PICTURE_MS,
                                 .cookie = pending,
                                 .drop = destroy_pending};
    ws_connection_when_shown(connection, &wait);
}

static void on_image(struct ws_connection *connection, const struct inscore_request *request) {
    char *start = inscore_image_start(request->id);
    if (start == NULL) {
        ws_connection_close(connection, WS_CLOSE_OVERLOADED, "out of memory");
        return;
    }
    ws_connection_reply_picture(connection, start, strlen(start));
    free(start);
}

static void on_post(struct ws_connection *connection, const struct inscore_request *request) {
    if (!ws_connection_may_conduct(connection)) {
        reply_error(connection, request->id,
                    "Not allowed: this client may look and click, but not post");
    } else if (request->text_size_bytes > LIMIT_SCRIPT_BYTES) {
        reply_error(connection, request->id, text_of_error(INSCORE_POST, LG_ETOOLARGE));
    } else {
        call_for(connection, request, CALL_POST);
    }
}

static void on_pointer(struct ws_connection *connection, const struct inscore_request *request) {
    if (!ws_connection_may_play(connection)) {
        reply_error(connection, request->id, "Not allowed: this client may only look");
    } else {
        call_for(connection, request, request->method == INSCORE_CLICK ? CALL_CLICK : CALL_HOVER);
    }
}

static void on_file(struct ws_connection *connection, const struct inscore_request *request) {
    if (request->text_size_bytes > LIMIT_PATH_BYTES) {
        reply_error(connection, request->id, text_of_error(INSCORE_FILE, LG_ENOTFOUND));
    } else {
        call_for(connection, request, CALL_FILE);
    }
}

static void on_log(struct ws_connection *connection, const struct inscore_request *request) {
    if (!ws_connection_may_conduct(connection)) {
        reply_error(connection, request->id, "Not allowed: the log is for those who may post");
    } else {
        call_for(connection, request, CALL_LOG);
    }
}

static void dispatch(struct ws_connection *connection, const struct inscore_request *request) {
    switch (request->method) {
    case INSCORE_VERSION:
        on_version(connection, request);
        break;
    case INSCORE_IMAGE:
        on_image(connection, request);
        break;
    case INSCORE_POST:
        on_post(connection, request);
        break;
    case INSCORE_CLICK:
    case INSCORE_HOVER:
        on_pointer(connection, request);
        break;
    case INSCORE_FILE:
        on_file(connection, request);
        break;
    case INSCORE_LOG:
        on_log(connection, request);
        break;
    case INSCORE_BAD:
        reply_error(connection, request->id, BAD_REQUEST);
        break;
    }
}

/* -- answers -------------------------------------------------------------- */

static char *text_of_reply(const struct pending *pending, const struct call_reply *answer) {
    /* Busy with words of its own: the disk is full, for instance. */
    bool has_words = answer->code == LG_EBUSY && answer->text_size_bytes > 0;
    if (answer->code == LG_ESCRIPT || has_words) {
        return inscore_error(pending->id, answer->text, answer->text_size_bytes);
    }
    if (answer->code != LG_OK) {
        const char *error = text_of_error(pending->method, answer->code);
        return inscore_error(pending->id, error, strlen(error));
    }
    if (pending->method == INSCORE_LOG) {
        return inscore_log(pending->id, answer->text, answer->text_size_bytes);
    }
    return inscore_ok(pending->id);
}

/* A file comes in pieces; the next one is asked for until all are there. */
static void on_file_piece(struct ws_connection *connection, struct pending *pending,
                          const struct call_reply *answer) {
    uint64_t total = answer->total_size_bytes;
    int code = score_rpc_file_code(answer, pending->size_bytes, pending->total_bytes);
    if (code != LG_OK) {
        reply_error(connection, pending->id, text_of_error(INSCORE_FILE, code));
        destroy_pending(pending);
        return;
    }
    pending->total_bytes = total;
    if (pending->bytes == NULL &&
        !ws_connection_reserve(connection, total * SCORE_RPC_FILE_COPIES)) {
        reply_error(connection, pending->id, "Too much is being sent, try again");
        destroy_pending(pending);
        return;
    }
    if (pending->bytes == NULL && (pending->bytes = malloc(total)) == NULL) {
        ws_connection_close(connection, WS_CLOSE_OVERLOADED, "out of memory");
        destroy_pending(pending);
        return;
    }
    memcpy(pending->bytes + pending->size_bytes, answer->bytes, answer->bytes_size);
    pending->size_bytes += answer->bytes_size;
    if (pending->size_bytes == total) {
        reply(connection, inscore_file(pending->id, lg_mime_of_path(pending->path), pending->bytes,
                                       pending->size_bytes));
        destroy_pending(pending);
        return;
    }
    struct call_request next = {.kind = CALL_FILE,
                                .text = pending->path,
                                .text_size_bytes = strlen(pending->path),
                                .offset_bytes = pending->size_bytes};
    call(connection, &next, pending);
}

static void on_reply(struct ws_connection *connection, void *cookie,
                     const struct call_reply *answer) {
    struct pending *pending = cookie;
    if (pending->method == INSCORE_FILE) {
        on_file_piece(connection, pending, answer);
        return;
    }
    char *text = text_of_reply(pending, answer);
    if (text != NULL && pending->method == INSCORE_POST &&
        (answer->code == LG_OK || answer->code == LG_ESCRIPT)) {
        /* Read your writes: answered when this gateway holds what it shows. */
        const struct ws_wait wait = {.epoch = answer->epoch,
                                     .version = answer->version,
                                     .timeout_ms = SHOW_MS,
                                     .cookie = pending,
                                     .drop = destroy_pending};
        pending->reply = text;
        ws_connection_when_shown(connection, &wait);
        return;
    }
    reply(connection, text);
    destroy_pending(pending);
}

static void on_shown(struct ws_connection *connection, void *cookie) {
    struct pending *pending = cookie;
    if (pending->reply != NULL) {
        ws_connection_reply(connection, pending->reply, strlen(pending->reply));
    } else {
        tell_version(connection, pending->id);
    }
    destroy_pending(pending);
}

static void on_message(struct ws_connection *connection, const char *text, size_t size_bytes) {
    struct inscore_request request;
    if (dialect_turn(connection, text, size_bytes)) {
        return;
    }
    inscore_parse(text, size_bytes, &request);
    dispatch(connection, &request);
    inscore_request_finish(&request);
}

static void on_open(struct ws_connection *connection) {
    (void)connection; /* no greeting: a new client asks */
}

static void on_close(struct ws_connection *connection) {
    (void)connection;
}

const struct dialect dialect_inscore = {
    .name = "inscore",
    .on_open = on_open,
    .on_message = on_message,
    .on_frame = ws_connection_send_notice,
    .prepared_frame = ws_connection_notice,
    .on_reply = on_reply,
    .on_shown = on_shown,
    .on_no_picture = inscore_image_failed,
    .on_close = on_close,
};
