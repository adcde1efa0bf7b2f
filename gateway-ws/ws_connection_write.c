/* Writing to one client: replies in order, news in between, then the close. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "gateway-ws/dialect.h"
#include "gateway-ws/fanout.h"
#include "gateway-ws/link/ws_frame.h"
#include "gateway-ws/picture.h"
#include "gateway-ws/senders.h"
#include "gateway-ws/ws_connection_private.h"

enum {
    FRAGMENTS_AT_ONCE = 8,
    GATHER_BYTES = 16000,      /* see ws_frame_has_room */
    PREPARED_BYTES_MAX = 1024, /* of a notice */
};

void ws_connection_go_on(struct ws_connection *connection) {
    if (connection->link.ops == NULL || connection->state == WS_CONNECTION_GONE) {
        return;
    }
    if (connection->waiting_us == 0) {
        connection->waiting_us = lg_clock_us();
    }
    ws_link_want_writable(connection->link);
}

static void close_full(struct ws_connection *connection) {
    connection->host->counts.stalled++;
    connection->state = WS_CONNECTION_CLOSING;
    connection->close_code = WS_CLOSE_POLICY;
    connection->close_reason = "replies are not read";
    connection->closing_us = lg_clock_us();
    ws_connection_go_on(connection);
}

static void pushed(struct ws_connection *connection, int err) {
    if (err != 0) {
        close_full(connection);
    } else {
        ws_connection_go_on(connection);
    }
}

void ws_connection_reply(struct ws_connection *connection, const char *text, size_t size_bytes) {
    if (connection->state == WS_CONNECTION_OPEN || connection->state == WS_CONNECTION_CLOSING) {
        pushed(connection, outbox_push_text(&connection->outbox, text, size_bytes));
    }
}

bool ws_connection_reserve(struct ws_connection *connection, size_t size_bytes) {
    struct ws_host *host = connection->host;
    size_t left = host->limits->sending_bytes > host->sending_bytes
                      ? host->limits->sending_bytes - host->sending_bytes
                      : 0;
    if (size_bytes > left) {
        host->counts.unsent++;
        return false;
    }
    host->sending_bytes += size_bytes;
    connection->reserved_bytes += size_bytes;
    return true;
}

void ws_connection_release(struct ws_connection *connection) {
    connection->host->sending_bytes -= connection->reserved_bytes;
    connection->reserved_bytes = 0;
}

void ws_connection_reply_picture(struct ws_connection *connection, const char *start,
                                 size_t size_bytes) {
    if (connection->state == WS_CONNECTION_OPEN) {
        pushed(connection, outbox_push_picture(&connection->outbox, start, size_bytes));
    }
}

void ws_connection_send_shared(struct ws_connection *connection, const char *start,
                               struct picture *picture, const char *end, bool is_news) {
    if (connection->state == WS_CONNECTION_OPEN) {
        int err = outbox_push_shared(&connection->outbox, start, picture, end);
        if (err == 0 && is_news) {
            outbox_mark_news(&connection->outbox);
        }
        connection->host->counts.pictures += err == 0;
        pushed(connection, err);
    }
}

void ws_connection_send_news(struct ws_connection *connection, const char *text,
                             size_t size_bytes) {
    if (connection->state == WS_CONNECTION_OPEN) {
        int err = outbox_push_text(&connection->outbox, text, size_bytes);
        if (err == 0) {
            outbox_mark_news(&connection->outbox);
        }
        connection->host->counts.notices += err == 0;
        pushed(connection, err);
    }
}

bool ws_connection_takes_news(const struct ws_connection *connection) {
    return connection->state == WS_CONNECTION_OPEN && !outbox_has_news_inside(&connection->outbox);
}

void ws_connection_want_news(struct ws_connection *connection) {
    if (connection->state == WS_CONNECTION_OPEN) {
        connection->host->counts.coalesced += connection->outbox.has_news;
        connection->outbox.has_news = true;
        ws_connection_go_on(connection);
    }
}

/* What came of telling: 0 told, 1 when it is writable, -1 broken. */
static void took_news(struct ws_connection *connection, int result) {
    if (result < 0) {
        connection->state = WS_CONNECTION_GONE;
        ws_link_kill(connection->link);
        return;
    }
    connection->host->counts.coalesced += result > 0 && connection->outbox.has_news;
    connection->outbox.has_news = result > 0;
    if (result > 0 || connection->waiting_picture_us != 0) {
        ws_connection_go_on(connection);
    }
}

const uint8_t *ws_connection_notice(struct ws_connection *connection, size_t *size_bytes) {
    const uint8_t *frame = fanout_notice(connection->fanout, size_bytes);
    return *size_bytes > 0 ? frame : NULL;
}

/* A prepared frame through a link that takes no frames as they are: 0 sent, 1
 * not now, -1 broken. */
static int write_prepared(struct ws_connection *connection, const uint8_t *frame,
                          size_t size_bytes) {
    uint8_t room[WS_LINK_PRE + PREPARED_BYTES_MAX];
    size_t head = ws_frame_head_bytes(frame);
    struct ws_link_piece piece = {.bytes = room + WS_LINK_PRE,
                                  .size_bytes = size_bytes - head,
                                  .is_first = true,
                                  .is_last = true};
    assert(piece.size_bytes <= PREPARED_BYTES_MAX);
    if (!ws_link_has_room(connection->link)) {
        return 1;
    }
    memcpy(piece.bytes, frame + head, piece.size_bytes);
    return ws_link_write(connection->link, &piece);
}

int ws_connection_send_notice(struct ws_connection *connection) {
    size_t size_bytes;
    const uint8_t *frame = ws_connection_notice(connection, &size_bytes);
    if (frame == NULL) {
        return 0;
    }
    if (ws_link_is_blocked(connection->link)) {
        return 1;
    }
    int result = connection->fd >= 0 ? ws_frame_send(connection->fd, frame, size_bytes)
                                     : write_prepared(connection, frame, size_bytes);
    connection->host->counts.notices += result == 0;
    return result;
}

void ws_connection_tell(struct ws_connection *connection) {
    if (connection->state != WS_CONNECTION_OPEN) {
        return;
    }
    int result = 1;
    if (!outbox_is_inside(&connection->outbox)) {
        result = connection->dialect->on_frame(connection);
    }
    took_news(connection, result);
}

bool ws_connection_prepare(struct ws_connection *connection, struct send_job *job) {
    size_t size_bytes;
    if (connection->fd >= 0 && connection->state == WS_CONNECTION_OPEN &&
        !outbox_is_inside(&connection->outbox) && !ws_link_is_blocked(connection->link) &&
        (job->bytes = connection->dialect->prepared_frame(connection, &size_bytes)) != NULL) {
        job->size_bytes = (uint32_t)size_bytes;
        job->fd = connection->fd;
        return true;
    }
    ws_connection_tell(connection);
    return false;
}

void ws_connection_told(struct ws_connection *connection, int result) {
    connection->host->counts.notices += result == 0;
    took_news(connection, result);
}

/* The picture for the message whose turn it is: 0 chosen (or replaced by an
 * error), 1 wait for the first frame, -1 out of memory. */
static int choose_picture(struct ws_connection *connection) {
    struct picture *picture = view_picture(fanout_view(connection->fanout));
    char *instead = NULL;
    if (picture == NULL) {
        int64_t now_us = lg_clock_us();
        if (connection->waiting_picture_us == 0) {
            connection->waiting_picture_us = now_us;
        }
        if (now_us - connection->waiting_picture_us <= WS_PICTURE_WAIT_US) {
            return 1;
        }
        instead = connection->dialect->on_no_picture(outbox_picture_start(&connection->outbox));
        if (instead == NULL) {
            return -1;
        }
    } else {
        connection->host->counts.pictures++;
    }
    connection->waiting_picture_us = 0;
    int err = outbox_choose_picture(&connection->outbox, picture, instead);
    free(instead);
    return err == 0 ? 0 : -1;
}

/* Many short answers at once, past the library. 0 something was written, 1 nothing
 * to gather, -1 broken. */
static int write_gathered(struct ws_connection *connection) {
    uint8_t frames[GATHER_BYTES];
    struct outbox *outbox = &connection->outbox;
    if (connection->fd < 0 || outbox->n_items < 2 || outbox_is_inside(outbox) ||
        ws_link_is_blocked(connection->link) || !ws_frame_has_room(connection->fd)) {
        return 1;
    }
    size_t n_texts, size_bytes = outbox_gather(outbox, frames, sizeof(frames), &n_texts);
    if (size_bytes == 0) {
        return 1;
    }
    int result = ws_frame_send(connection->fd, frames, size_bytes);
    if (result == 0) {
        outbox_drop(outbox, n_texts);
    }
    return result; /* 1: the library keeps what it takes */
}

/* One write. 0 written, 1 nothing to write now, -1 broken. */
static int write_next(struct ws_connection *connection) {
    struct outbox *outbox = &connection->outbox;
    struct ws_link_piece piece;
    if (outbox->has_news && !outbox_is_inside(outbox) && connection->state == WS_CONNECTION_OPEN) {
        int result = connection->dialect->on_frame(connection);
        outbox->has_news = result > 0;
        if (result <= 0) {
            return result;
        }
        /* Not now: what is queued goes first. */
    }
    int gathered = write_gathered(connection);
    if (gathered <= 0) {
        return gathered;
    }
    if (outbox_needs_picture(outbox)) {
        int result = choose_picture(connection);
        if (result != 0) {
            return result;
        }
    }
    if (!outbox_peek(outbox, &piece)) {
        return 1;
    }
    if (ws_link_write(connection->link, &piece) != 0) {
        return -1;
    }
    outbox_advance(outbox);
    return 0;
}

static bool has_more(const struct ws_connection *connection) {
    const struct outbox *outbox = &connection->outbox;
    return outbox->has_news || (!outbox_is_empty(outbox) && connection->waiting_picture_us == 0);
}

int ws_connection_on_writable(struct ws_connection *connection) {
    if (connection->state == WS_CONNECTION_GONE) {
        return -1;
    }
    connection->waiting_us = 0;
    if (connection->messages != NULL) {
        ws_connection_deliver_rest(connection);
    }
    int result = 0;
    for (int i = 0; i < FRAGMENTS_AT_ONCE && result == 0; i++) {
        if (ws_link_is_blocked(connection->link) ||
            (i > 0 && !ws_link_has_room(connection->link))) {
            break;
        }
        result = write_next(connection);
    }
    if (result < 0) {
        return -1;
    }
    if (outbox_is_empty(&connection->outbox) && !connection->is_calling) {
        ws_connection_release(connection);
    }
    ws_connection_set_reading(connection);
    if (connection->state == WS_CONNECTION_CLOSING && outbox_is_empty(&connection->outbox) &&
        !connection->is_calling) {
        ws_link_set_reason(connection->link, connection->close_code, connection->close_reason);
        return -1;
    }
    if (has_more(connection) || ws_link_is_blocked(connection->link)) {
        ws_connection_go_on(connection);
    }
    return 0;
}
