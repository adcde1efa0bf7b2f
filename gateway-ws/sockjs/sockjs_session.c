/* A session's two sides. Nothing is called back from inside a call of the link:
 * the receiver's next writable event, or the next tick, does it. */
#include "gateway-ws/sockjs/sockjs_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "gateway-ws/link/ws_http.h"
#include "gateway-ws/link/ws_server.h"
#include "gateway-ws/sockjs/sockjs_answer.h"

enum {
    AHEAD_BYTES = 64 * 1024, /* more waits in the connection until this has been read */
    CLOSE_INTERRUPTED = 1002,
    CLOSE_STILL_OPEN = 2010,
    CLOSE_GO_AWAY = 3000,
    CLOSE_NO_ROOM = 1013,
};

static const struct sockjs_host *host_of(const struct sockjs_session *session) {
    return session->sockjs->options.host;
}

static void wake(struct sockjs_session *session) {
    session->sockjs->due_us = 0;
    host_of(session)->wake(session->sockjs->options.ctx);
}

/* The next tick is due by then. */
static void note_due(struct sockjs_session *session, int64_t due_us) {
    if (due_us < session->sockjs->due_us) {
        session->sockjs->due_us = due_us;
    }
}

static void drop_frame(struct sockjs_session *session) {
    session->sockjs->buffered_bytes -= session->frame.room_bytes;
    sockjs_text_finish(&session->frame);
    session->is_inside = false;
}

/* -- the receiver ------------------------------------------------------------ */

static void detach(struct sockjs_session *session) {
    ws_http_set_user(session->receiver, NULL);
    session->receiver = NULL;
    session->since_us = lg_clock_us();
    note_due(session, session->since_us + SOCKJS_ALONE_US);
}

/* One frame to the receiver, which may be the last that it takes. */
static void give(struct sockjs_session *session, const char *frame, size_t size_bytes) {
    struct ws_http *http = session->receiver;
    session->told_us = lg_clock_us();
    session->stream_bytes += sockjs_answer_frame(http, session->door, frame, size_bytes);
    if (session->door == SOCKJS_XHR) {
        detach(session);
    } else if (session->stream_bytes >= SOCKJS_STREAM_BYTES) {
        ws_http_end(http);
        detach(session);
    }
}

static void give_close(struct sockjs_session *session) {
    char text[SOCKJS_CLOSE_ROOM];
    size_t size = sockjs_close_frame(text, session->close_code, session->close_reason);
    give(session, text, size);
    if (session->receiver != NULL) {
        ws_http_end(session->receiver);
        detach(session);
    }
}

static void give_messages(struct sockjs_session *session) {
    if (session->receiver == NULL || session->is_inside || session->frame.size_bytes == 0) {
        return;
    }
    size_t room_before = session->frame.room_bytes;
    if (!sockjs_text_add(&session->frame, "]", 1)) {
        session->is_dying = true;
        wake(session);
        return;
    }
    session->sockjs->buffered_bytes += session->frame.room_bytes - room_before;
    give(session, session->frame.bytes, session->frame.size_bytes);
    drop_frame(session);
}

void sockjs_session_end(struct sockjs_session *session, unsigned code, const char *reason) {
    if (session->connection == NULL) {
        return;
    }
    void *connection = session->connection;
    session->connection = NULL;
    if (session->close_code == 0) {
        session->close_code = (uint16_t)code;
        snprintf(session->close_reason, sizeof(session->close_reason), "%s", reason);
    }
    drop_frame(session);
    host_of(session)->gone(connection);
    if (session->receiver != NULL) {
        give_close(session);
    }
    if (session->sender != NULL) {
        ws_http_set_user(session->sender, NULL);
        sockjs_answer_text(session->sender, 404, "");
        session->sender = NULL;
    }
    session->since_us = lg_clock_us();
    note_due(session, session->since_us + SOCKJS_ALONE_US);
}

static bool has_room(void *object) {
    const struct sockjs_session *session = object;
    return session->receiver != NULL && !session->is_dying &&
           (session->is_inside || (session->frame.size_bytes < AHEAD_BYTES &&
                                   ws_http_unsent(session->receiver) < AHEAD_BYTES));
}

/* Let the connection write what it has, and pass on what is complete. */
static void flush(struct sockjs_session *session) {
    int result = 0;
    while (result == 0 && session->wants_writable && session->connection != NULL &&
           has_room(session)) {
        session->wants_writable = false;
        result = host_of(session)->writable(session->connection);
    }
    give_messages(session);
    if (result != 0) {
        sockjs_session_end(session, CLOSE_GO_AWAY, "Go away!");
    }
}

static void refuse_second(struct ws_http *http, enum sockjs_door door) {
    char text[SOCKJS_CLOSE_ROOM];
    size_t size = sockjs_close_frame(text, CLOSE_STILL_OPEN, "Another connection still open");
    sockjs_answer_begin(http, door);
    sockjs_answer_frame(http, door, text, size);
    if (!ws_http_is_ended(http)) {
        ws_http_end(http);
    }
}

void sockjs_session_receive(struct sockjs_session *session, struct ws_http *http,
                            enum sockjs_door door) {
    if (session->receiver != NULL) {
        refuse_second(http, door);
        return;
    }
    session->receiver = http;
    session->door = door;
    session->stream_bytes = 0;
    session->since_us = session->told_us = lg_clock_us();
    note_due(session, session->told_us + session->sockjs->options.heartbeat_us);
    ws_http_set_user(http, session);
    sockjs_answer_begin(http, door);
    if (session->connection == NULL) {
        give_close(session);
        return;
    }
    host_of(session)->alive(session->connection);
    if (!session->is_opened) {
        session->is_opened = true;
        give(session, "o", 1);
    }
    flush(session);
}

void sockjs_session_on_writable(struct sockjs_session *session, struct ws_http *http) {
    if (http == session->receiver) {
        flush(session);
    }
}

void sockjs_session_on_gone(struct sockjs_session *session, struct ws_http *http) {
    if (http == session->sender) {
        session->sender = NULL;
    }
    if (http == session->receiver) { /* an answered one was detached before */
        session->receiver = NULL;
        sockjs_session_end(session, CLOSE_INTERRUPTED, "Connection interrupted");
    }
}

/* -- the sender ----------------------------------------------------------------- */

static void deliver(struct sockjs_session *session, struct ws_http *http) {
    struct ws_piece piece = {.is_first = true, .is_last = true};
    piece.bytes = (const uint8_t *)ws_http_body(http, &piece.size_bytes);
    int result = host_of(session)->piece(session->connection, &piece);
    sockjs_answer_text(http, 204, "");
    if (result != 0) {
        sockjs_session_end(session, CLOSE_GO_AWAY, "Go away!");
    }
}

void sockjs_session_send(struct sockjs_session *session, struct ws_http *http) {
    host_of(session)->alive(session->connection);
    if (!session->is_paused) {
        deliver(session, http);
    } else if (session->sender == NULL) {
        session->sender = http; /* the answer waits: so does a client of good manners */
        ws_http_set_user(http, session);
    } else {
        sockjs_answer_text(http, 503, "Earlier messages are still waiting.");
    }
}

/* -- the link ------------------------------------------------------------------- */

static bool add_piece(struct sockjs_session *session, const struct ws_link_piece *piece) {
    struct sockjs_text *frame = &session->frame;
    const char *start = !piece->is_first ? "" : frame->size_bytes == 0 ? "a[\"" : ",\"";
    return sockjs_text_add(frame, start, strlen(start)) &&
           sockjs_text_escape(frame, piece->bytes, piece->size_bytes) &&
           (!piece->is_last || sockjs_text_add(frame, "\"", 1));
}

static int write_piece(void *object, const struct ws_link_piece *piece) {
    struct sockjs_session *session = object;
    struct sockjs *sockjs = session->sockjs;
    size_t room_before = session->frame.room_bytes;
    bool is_added = !session->is_dying && add_piece(session, piece);
    sockjs->buffered_bytes += session->frame.room_bytes - room_before;
    if (!is_added || sockjs->buffered_bytes > sockjs->options.buffered_bytes) {
        session->close_code = CLOSE_NO_ROOM;
        snprintf(session->close_reason, sizeof(session->close_reason), "too much is being sent");
        return -1;
    }
    session->is_inside = !piece->is_last;
    if (piece->is_last && session->receiver != NULL) {
        ws_http_want_writable(session->receiver);
    }
    return 0;
}

static bool is_blocked(void *object) {
    (void)object;
    return false;
}

static void want_writable(void *object) {
    struct sockjs_session *session = object;
    session->wants_writable = true;
    if (session->receiver != NULL) {
        ws_http_want_writable(session->receiver);
    }
}

static void pause_reading(void *object, bool is_paused) {
    struct sockjs_session *session = object;
    session->is_paused = is_paused;
    if (!is_paused && session->sender != NULL) {
        wake(session);
    }
}

/* A receiver that is there is watched by its socket and the heartbeat. */
static int ping(void *object) {
    struct sockjs_session *session = object;
    session->is_pinged = true;
    wake(session);
    return 0;
}

static int direct_fd(void *object) {
    (void)object;
    return -1;
}

static void set_reason(void *object, uint16_t code, const char *text) {
    struct sockjs_session *session = object;
    session->close_code = code;
    snprintf(session->close_reason, sizeof(session->close_reason), "%s", text);
}

static void kill_soon(void *object) {
    struct sockjs_session *session = object;
    session->is_dying = true;
    wake(session);
}

static const struct ws_link_ops OPS = {
    .carries_binary = false,
    .write = write_piece,
    .is_blocked = is_blocked,
    .has_room = has_room,
    .want_writable = want_writable,
    .pause_reading = pause_reading,
    .ping = ping,
    .direct_fd = direct_fd,
    .set_reason = set_reason,
    .kill = kill_soon,
};

struct ws_link sockjs_session_link(struct sockjs_session *session) {
    return (struct ws_link){&OPS, session};
}

/* -- time ----------------------------------------------------------------------- */

static void tick_receiver(struct sockjs_session *session, int64_t now_us) {
    bool is_stream = session->door != SOCKJS_XHR;
    if (is_stream && now_us - session->since_us >= SOCKJS_STREAM_US) {
        ws_http_end(session->receiver);
        detach(session);
    } else if (now_us - session->told_us >= session->sockjs->options.heartbeat_us) {
        give(session, "h", 1);
    }
}

bool sockjs_session_tick(struct sockjs_session *session, int64_t now_us, int64_t *due_us) {
    if (session->is_dying) {
        sockjs_session_end(session, CLOSE_GO_AWAY, "Go away!");
    }
    if (session->is_pinged && session->connection != NULL && session->receiver != NULL) {
        session->is_pinged = false;
        host_of(session)->alive(session->connection);
    }
    if (session->sender != NULL && !session->is_paused && session->connection != NULL) {
        struct ws_http *http = session->sender;
        session->sender = NULL;
        ws_http_set_user(http, NULL);
        deliver(session, http);
    }
    if (session->receiver != NULL) {
        tick_receiver(session, now_us);
    }
    if (session->receiver != NULL) {
        *due_us = session->told_us + session->sockjs->options.heartbeat_us;
        return true;
    }
    *due_us = session->since_us + SOCKJS_ALONE_US;
    if (now_us < *due_us) {
        return true;
    }
    sockjs_session_end(session, CLOSE_GO_AWAY, "Go away!");
    return false;
}
