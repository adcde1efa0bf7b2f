/* libleggio-client: JSON-RPC 2.0 sessions over WebSocket that outlive their connections, and the
 * pictures of a score that come with them. Made for leggio-ws; speaks to any server of that
 * protocol (docs/jsonrpc.md).
 *
 *     struct lg_client_options options;
 *     lg_client_options_init(&options, sizeof(options));
 *     options.uri = "ws://127.0.0.1:7100/rpc";
 *     struct lg_client *client = lg_client_create(&options, why, sizeof(why));
 *     struct lg_client_answer answer;
 *     if (lg_client_request(client, "version", NULL, &answer) == LG_CLIENT_OK) {
 *         puts(answer.result);
 *     }
 *     lg_client_answer_clear(&answer);
 *     lg_client_destroy(client);
 *
 * Threads. A client has two threads of its own: one serves the connection, the other calls all
 * functions of yours, one at a time and in the order in which things happened. They may call any
 * function of this header, blocking ones too. All functions may be called from any thread.
 *
 * Texts are UTF-8 and end with NUL. JSON goes in and comes out as text. What you pass is copied;
 * what your functions are passed is theirs until they return; struct lg_client_answer belongs to
 * the caller.
 *
 * Errors: functions return LG_CLIENT_OK or a negative LG_CLIENT_ERROR_… code.
 */
#ifndef LEGGIO_CLIENT_H
#define LEGGIO_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LG_CLIENT_API __attribute__((visibility("default")))
#else
#define LG_CLIENT_API
#endif

enum lg_client_status {
    LG_CLIENT_OK = 0,
    LG_CLIENT_ERROR_ARGUMENT = -1, /* a bad argument: not JSON, no such range, NULL */
    LG_CLIENT_ERROR_MEMORY = -2,
    LG_CLIENT_ERROR_CLOSED = -3,  /* closed by lg_client_close, or reconnection was given up */
    LG_CLIENT_ERROR_TIMEOUT = -4, /* no answer in time; it may have been done all the same */
    LG_CLIENT_ERROR_CONNECT = -5, /* the first connection could not be made; nothing was sent */
    LG_CLIENT_ERROR_SESSION =
        -6, /* it was sent, then the session was lost: done or not, nobody knows */
    LG_CLIENT_ERROR_ANSWER = -7,   /* the server answered with an error: see lg_client_answer */
    LG_CLIENT_ERROR_FULL = -8,     /* too many requests wait, or too many bytes */
    LG_CLIENT_ERROR_TOO_LARGE = -9 /* a message above max_message_bytes */
};

struct lg_client; /* one session */
struct lg_client_call;

/* Each may be NULL. user is that of the options.
 *
 * After the first attempt to connect: connected or connection_failed; then reconnecting and
 * reconnected in turns; at the end disconnected, exactly once. */
struct lg_client_listener {
    /* The first connection is up and has a session. */
    void (*connected)(struct lg_client *client, void *user);
    /* The first connection could not be made: reason says what failed. With retry_first_connection
     * once for each attempt. */
    void (*connection_failed)(struct lg_client *client, const char *reason, void *user);
    /* The connection was lost; once a loss. */
    void (*reconnecting)(struct lg_client *client, const char *reason, void *user);
    /* It is back. same_session 1: the session was taken up, answers may still come. 0: it was
     * gone and this is a new one; requests that had been sent have failed with
     * LG_CLIENT_ERROR_SESSION. */
    void (*reconnected)(struct lg_client *client, int same_session, void *user);
    /* The end: closed, given up, or another connection has taken the session up. */
    void (*disconnected)(struct lg_client *client, const char *reason, void *user);
};

/* What the server asks or tells. method: its name; params: JSON or NULL.
 * Return 0 when the method is known; a request that was not answered by lg_client_reply… is then
 * answered with null. Any other value answers a request with -32601, unknown method. */
typedef int (*lg_client_call_fn)(struct lg_client *client, struct lg_client_call *call,
                                 const char *method, const char *params, void *user);

/* Warnings for people, one line each, from any thread. */
typedef void (*lg_client_log_fn)(const char *line, void *user);

/* Set by lg_client_options_init; 0 means 0, not "default". Texts may be NULL. */
struct lg_client_options {
    size_t size_bytes; /* of this struct, as lg_client_options_init was told */

    const char *uri;           /* ws://HOST[:PORT]/PATH or wss://…; must be given */
    const char *session_id;    /* take this session up; when it is gone a new one is made */
    const char *token;         /* for `connect` */
    const char *register_info; /* for `connect`: a JSON object of at most 4 KiB */

    int connection_timeout_ms; /* 5000: one attempt, name look-up to session */
    int idle_timeout_ms;       /* 300000: nothing came or went for so long: reconnect. 0: never */
    int request_timeout_ms;    /* 60000: until an answer must have come. 0: never */
    int heartbeat_ms; /* 5000: between pings. 0: none. No answer within max(this, 2000): reconnect
                       */
    int reconnection_limit_ms;  /* 300000, counted from the loss. 0: one attempt. -1: for ever */
    int retry_first_connection; /* 0. 1: the first connection is retried like a lost one */
    size_t max_message_bytes;   /* 64 MiB; of a message that comes or goes */

    const char *tls_ca_file;    /* PEM; trusted instead of the system's authorities */
    const char *tls_cert_file;  /* PEM chain of this client */
    const char *tls_key_file;   /* PEM, its key */
    const char *tls_pin_sha256; /* the server's public key must have this hash (SHA-256 of its
                                   SubjectPublicKeyInfo), 64 hexadecimal digits; checked besides */
    int tls_do_not_validate;    /* 0. 1: DANGEROUS, for tests: anyone may be the server. Chain,
                                   host name and dates are not looked at (a pin still is); each
                                   client says so in the log */

    struct lg_client_listener listener;
    lg_client_call_fn on_call; /* NULL: requests of the server are answered with -32601 */
    lg_client_log_fn log;      /* NULL: stderr */
    void *user;                /* for all of these */
};

/* Defaults. size_bytes: sizeof(*options), which lets old programs run with newer libraries. */
LG_CLIENT_API void lg_client_options_init(struct lg_client_options *options, size_t size_bytes);

/* A client that is not connected yet. NULL: why (may be NULL) says which option is wrong. */
LG_CLIENT_API struct lg_client *lg_client_create(const struct lg_client_options *options, char *why,
                                                 size_t why_bytes);

/* Close (without ending the session), wait for both threads, free. NULL is fine. Inside one of
 * your functions it returns at once; the client is freed when that function has returned. No other
 * thread may be using the client. */
LG_CLIENT_API void lg_client_destroy(struct lg_client *client);

/* Connect and wait for it. Not needed: the first request or notification connects too. Returns at
 * once when connected; while reconnecting it waits for the outcome. Error: CONNECT, CLOSED; why
 * (may be NULL) says the reason. */
LG_CLIENT_API int lg_client_connect(struct lg_client *client, char *why, size_t why_bytes);

/* Connect without waiting; the listener is told. */
LG_CLIENT_API int lg_client_start(struct lg_client *client);

/* End it, in whatever phase it is: waiting requests fail with LG_CLIENT_ERROR_CLOSED, the listener
 * gets disconnected (when it ever began to connect). Returns when all your functions have returned,
 * except inside one of them. end_session 1: the session is ended on the server as well
 * (closeSession, after all that was asked before; its answer is waited for at most 2 s). 0: it can
 * be taken up again for some time. */
LG_CLIENT_API int lg_client_close(struct lg_client *client, int end_session);

enum lg_client_state {
    LG_CLIENT_IDLE,       /* nothing was asked yet, or the first connection failed */
    LG_CLIENT_CONNECTING, /* for the first time */
    LG_CLIENT_CONNECTED,
    LG_CLIENT_RECONNECTING,
    LG_CLIENT_CLOSED
};
LG_CLIENT_API enum lg_client_state lg_client_state(struct lg_client *client);

/* Copies the id of the session. Returns its length, 0 when there is none; when that is not less
 * than id_bytes the copy is cut. */
LG_CLIENT_API size_t lg_client_session_id(struct lg_client *client, char *id, size_t id_bytes);

/* Pings every interval_ms from now on, also after reconnections; 0: none. */
LG_CLIENT_API int lg_client_set_heartbeat(struct lg_client *client, int interval_ms);

/* -- requests ----------------------------------------------------------- */

/* All texts belong to the answer; NULL when there are none. */
struct lg_client_answer {
    char *result;  /* JSON; after LG_CLIENT_OK */
    int code;      /* the server's; after LG_CLIENT_ERROR_ANSWER */
    char *message; /* after LG_CLIENT_ERROR_ANSWER */
    char *data;    /* JSON, details of the error */
};
LG_CLIENT_API void lg_client_answer_clear(struct lg_client_answer *answer);

/* What becomes of requests when the connection is lost: one that was sent keeps waiting, and its
 * answer may come over the next connection when the session is taken up; when the session is gone
 * it fails with SESSION. One that was not sent is sent over the next connection. Nothing is ever
 * sent twice. The timeout counts from the call, and a request that is not sent by then never is. */

/* Ask and wait. params: JSON object or array, or NULL. answer: set always (clear it), or NULL. */
LG_CLIENT_API int lg_client_request(struct lg_client *client, const char *method,
                                    const char *params, struct lg_client_answer *answer);

/* status: as lg_client_request returns it. Called exactly once for each lg_client_request_async
 * that returned LG_CLIENT_OK. */
typedef void (*lg_client_answer_fn)(struct lg_client *client, int status,
                                    const struct lg_client_answer *answer, void *user);

/* Ask without waiting. timeout_ms: 0 never, -1 that of the options. on_answer may be NULL. */
LG_CLIENT_API int lg_client_request_async(struct lg_client *client, const char *method,
                                          const char *params, int timeout_ms,
                                          lg_client_answer_fn on_answer, void *user);

/* Tell; there is no answer. While the connection is away it is kept and sent later. */
LG_CLIENT_API int lg_client_notify(struct lg_client *client, const char *method,
                                   const char *params);

/* Inside an lg_client_call_fn: answer once. result: JSON, NULL = null. A notification of the
 * server's takes no answer (LG_CLIENT_ERROR_ARGUMENT), nor does one that has been answered. */
LG_CLIENT_API int lg_client_reply(struct lg_client_call *call, const char *result);
LG_CLIENT_API int lg_client_reply_error(struct lg_client_call *call, int code, const char *message,
                                        const char *data);
LG_CLIENT_API int lg_client_call_is_notification(const struct lg_client_call *call);

/* -- following a score -------------------------------------------------- */

enum lg_client_frames {
    LG_CLIENT_FRAMES_NONE,  /* only `changed` */
    LG_CLIENT_FRAMES_WHOLE, /* a PNG file for each picture */
    LG_CLIENT_FRAMES_TILES  /* what changed, or a whole one */
};

struct lg_client_tile {
    uint32_t x, y, width, height; /* pixels; where it goes in the picture */
    const unsigned char *png;
    size_t png_bytes;
};

/* One picture. Versions of a scene rise as long as its epoch stays the same. A whole frame has png
 * and no tiles. Tiles are put on the picture of base_version in their order, later ones over
 * earlier ones; base_version is that of the frame before this one, always. Putting them together is
 * left to the program. */
struct lg_client_frame {
    const char *scene;
    uint64_t epoch, version, base_version;
    uint32_t width, height; /* pixels of the whole picture */
    const unsigned char *png;
    size_t png_bytes;
    const struct lg_client_tile *tiles;
    size_t n_tiles;
    size_t message_bytes; /* what it took on the wire */
};

struct lg_client_subscription {
    size_t size_bytes; /* of this struct */
    const char *scene; /* NULL: "scene" */
    enum lg_client_frames frames;
    uint32_t width;     /* pixels; 0: the scene's own */
    uint32_t period_ms; /* least time between two pictures; 0: the server's least */
    /* All may be NULL. */
    void (*changed)(struct lg_client *client, const char *scene, uint64_t epoch, uint64_t version,
                    void *user);
    void (*frame)(struct lg_client *client, const struct lg_client_frame *frame, void *user);
    /* After the loss of the session the subscription could not be made again. It is over. */
    void (*ended)(struct lg_client *client, const char *scene, const char *reason, void *user);
    void *user;
};

/* Follow a scene; replaces an earlier subscription to it. Waits for the answer, whose result is
 * described in docs/jsonrpc.md (answer: as for lg_client_request). Subscriptions last until
 * lg_client_unsubscribe: after a reconnection the newest picture comes once if it was missed. */
LG_CLIENT_API int lg_client_subscribe(struct lg_client *client,
                                      const struct lg_client_subscription *subscription,
                                      struct lg_client_answer *answer);

/* When it returns none of the subscription's functions runs any more (except the one that called
 * it) or ever will. scene NULL: "scene". */
LG_CLIENT_API int lg_client_unsubscribe(struct lg_client *client, const char *scene,
                                        struct lg_client_answer *answer);

/* -- watching the client itself ------------------------------------------ */

struct lg_client_stats {
    uint64_t bytes_in, bytes_out; /* of messages, without WebSocket framing */
    uint64_t messages_in, messages_out;
    uint64_t pings, pongs;  /* of the heartbeat */
    uint32_t ping_us;       /* round trip of the newest one */
    uint32_t reconnections; /* that succeeded */
    /* Answers that nobody waits for, old versions, messages that are no JSON-RPC. */
    uint64_t ignored;
    uint32_t waiting; /* requests without answer now */
};
/* size_bytes: sizeof(*stats). */
LG_CLIENT_API void lg_client_get_stats(struct lg_client *client, struct lg_client_stats *stats,
                                       size_t size_bytes);

/* One line for people. */
LG_CLIENT_API const char *lg_client_status_text(int status);
LG_CLIENT_API const char *lg_client_version(void);

#ifdef __cplusplus
}
#endif

#endif
