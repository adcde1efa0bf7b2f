/* The one door through which a gateway sees the renderer: newest frames,
 * calls with deadlines, the state of the link.
 *
 * An upstream runs one thread of its own (it owns the ZeroMQ sockets). All
 * functions below may be called from any thread; all callbacks come on the
 * upstream's thread, must not block, and may call only upstream_frame,
 * upstream_version and upstream_state.
 */
#ifndef LEGGIO_COMMON_BROKER_UPSTREAM_H
#define LEGGIO_COMMON_BROKER_UPSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

struct upstream;

enum upstream_event_kind {
    UPSTREAM_FRAME,   /* a newer frame of `scene` is in the cache (also: dense form came) */
    UPSTREAM_SCENES,  /* the set of scenes changed */
    UPSTREAM_SERVERS, /* the set of in-score servers changed: see upstream_servers */
    UPSTREAM_STATE,   /* the renderer came, went, or its epoch changed */
};

struct upstream_event {
    enum upstream_event_kind kind;
    const char *scene;   /* UPSTREAM_FRAME; borrowed for the call */
    struct frame *frame; /* UPSTREAM_FRAME; borrowed, ref it to keep it */
};

struct upstream_options {
    const char *feed;      /* endpoint, e.g. "tcp://127.0.0.1:7010" */
    const char *calls;     /* endpoint, e.g. "tcp://127.0.0.1:7011" */
    const char *curve_dir; /* folder of --curve-keys; NULL = none */
    const char *kind;      /* "http" or "ws" */
    bool keeps_tiles;      /* of the last versions: see upstream_tiles */
    void (*on_event)(void *ctx, const struct upstream_event *event);
    void *ctx;
};

struct upstream_state {
    bool is_fresh;              /* heartbeat seen within 3 s */
    uint64_t epoch;             /* 0 before the first contact */
    int64_t stale_since_wall_s; /* when is_fresh turned false; 0 when fresh */
};

/* Starts the thread. The renderer need not be there. NULL after logging. */
struct upstream *upstream_create(const struct upstream_options *options);
/* Pending calls end with LG_EBUSY, then the thread stops. */
void upstream_destroy(struct upstream *upstream);

/* The newest frame of a scene, with a reference for the caller; NULL when
 * there is none. A scene asked for the first time is subscribed to; its frame
 * comes by UPSTREAM_FRAME. O(1), a short lock that nobody holds over I/O. */
struct frame *upstream_frame(struct upstream *upstream, const char *scene);

/* -- pictures at other widths ------------------------------------------- */
/* code 0: frame, borrowed, at the asked width and of the version that was newest when the renderer
 * drew it; else a lg_err code and NULL. Upstream's thread. */
typedef void (*upstream_view_fn)(void *ctx, int code, struct frame *frame);

/* The scene at this width if what is held is as new as upstream_frame, with a reference; else NULL.
 * At most LIMIT_VIEWS pairs of scene and width are held. */
struct frame *upstream_view_held(struct upstream *upstream, const char *scene, uint32_t width_px);

/* Ask for it; requests for the same width share one call. `done` is called exactly once.
 * Returns 0, or LG_EBUSY / LG_EBADREQUEST without ever calling `done`. */
int upstream_view(struct upstream *upstream, const char *scene, uint32_t width_px,
                  upstream_view_fn done, void *ctx);

/* Newest version announced for a scene (frame or notice). false: unknown scene. */
bool upstream_version(struct upstream *upstream, const char *scene, uint64_t *epoch,
                      uint64_t *version);
/* Does the renderer have this scene (by its last heartbeat)? */
bool upstream_has_scene(struct upstream *upstream, const char *scene);
void upstream_state(struct upstream *upstream, struct upstream_state *state);
/* No renderer was heard yet, and the upstream is younger than LIMIT_FIRST_CONTACT_MS: it
 * is worth waiting for. */
bool upstream_is_beginning(struct upstream *upstream);

/* Tiles that make version out of base, in order (common/broker/tile_ring.h): how
 * many; to be freed by tiles_free. 0: there is no way, or it has more than max_bytes
 * bytes of PNGs. */
struct tile;
size_t upstream_tiles(struct upstream *upstream, const char *scene, uint64_t epoch, uint64_t base,
                      uint64_t version, size_t max_bytes, struct tile **tiles);

/* All scenes, as the renderer last said. Free with free(). */
struct upstream_scene {
    char name[64];
    uint64_t epoch, version;
    uint32_t width_px, height_px;
};
size_t upstream_scenes(struct upstream *upstream, struct upstream_scene **scenes);

/* In-score servers, as the feed last said. Free with free(). */
struct upstream_server {
    char kind[16];     /* "httpd" or "websocket" */
    char address[256]; /* object's address */
    char scene[64];
    uint16_t port;
    uint32_t period_ms;
};
size_t upstream_servers(struct upstream *upstream, struct upstream_server **servers);

enum call_kind {
    CALL_POST,   /* text: script */
    CALL_CLICK,  /* scene, x, y in pixels of the picture */
    CALL_HOVER,  /* scene, x, y; client_id tells who hovers */
    CALL_GET,    /* text: address + space + parameters of get, as script text without "get" */
    CALL_FILE,   /* text: path relative to the root path; offset, length */
    CALL_LOG,    /* - */
    CALL_SCENES, /* - */
    CALL_SERVERS /* report of this gateway: text = address, x = 1 started / 0 failed / -1 closed,
                    y = number of clients; error text in `note` */
};

/* What a request is called wherever it is sent from: the renderer applies the same one
 * once, within some minutes. Two random numbers but zeros; zeros = a new request. */
struct call_key {
    uint64_t high, low;
};

struct call_request {
    enum call_kind kind;
    const char *scene; /* NULL = "scene" */
    const char *text;  /* see kind */
    size_t text_size_bytes;
    const char *note;      /* NULL or extra text */
    const char *role;      /* "view", "play" or "conduct" */
    const char *client_id; /* who asks, for the log: "http:127.0.0.1:4242"; NULL = unknown */
    int32_t x, y;
    uint64_t offset_bytes, length_bytes; /* CALL_FILE; length 0 = up to the chunk limit */
    uint32_t deadline_ms;                /* 0 = default (5000) */
    struct call_key key;                 /* CALL_POST, CALL_CLICK, CALL_HOVER */
};

struct call_reply {
    int code; /* enum lg_err */
    /* Error log of a script, log text, replies of get, names of scenes (one a line). */
    const char *text;
    size_t text_size_bytes;
    const uint8_t *bytes; /* CALL_FILE: content of the asked range */
    size_t bytes_size;
    uint64_t total_size_bytes; /* CALL_FILE: size of the whole file */
    int64_t mtime_s;           /* CALL_FILE */
    uint64_t epoch;
    uint64_t version; /* of `scene`, the first version that shows the effect of the call */
};

typedef void (*call_reply_fn)(void *ctx, const struct call_reply *reply);

/* Is the scene among the names that a reply to CALL_SCENES has as its text? */
bool upstream_is_listed(const char *scene, const char *names, size_t size_bytes);

/* Send a call. `done` is called exactly once, on the upstream's thread: with
 * the answer, or with LG_EBUSY when the deadline passes, the renderer is away
 * or too many calls are under way (proto/limits.h). Everything in `request` is
 * copied. Returns 0, or LG_EBUSY / LG_ETOOLARGE without ever calling `done`.
 *
 * After the deadline the renderer does not begin it any more, but it may have begun
 * it before: whoever gets LG_EBUSY learns what became of it by the same `key`. While
 * upstream_is_beginning, calls wait for the renderer. */
int upstream_call(struct upstream *upstream, const struct call_request *request, call_reply_fn done,
                  void *ctx);

#endif
