/* The feed: topics, and multipart messages as plain parts.
 *
 * A feed message is: topic, header (a message of messages.def), payload parts.
 * Nothing here knows sockets: encoders fill a header, decoders get parts.
 *
 *     topic                 header      payload
 *     v/<scene>             notice      -
 *     f/<scene>/<width>     frame       one part per strip, then one per tile
 *     d/<scene>/<width>     dense       one part, a whole PNG
 *     s                     servers     -
 *     h                     heartbeat   -
 */
#ifndef LEGGIO_PROTO_FEED_H
#define LEGGIO_PROTO_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/messages.h"

enum feed_kind {
    FEED_NOTICE = 'v',
    FEED_FRAME = 'f',
    FEED_DENSE = 'd',
    FEED_SERVERS = 's',
    FEED_HEARTBEAT = 'h',
};

struct feed_topic {
    enum feed_kind kind;
    char scene[LIMIT_SCENE_NAME_BYTES + 1]; /* "" for s and h */
    uint32_t width_px;                      /* f and d; 0 = not in the topic */
};

/* Is this a name that a scene may have on the wire: 1 to 63 bytes, no '/', no
 * control character, no blank? */
bool feed_is_scene_name(const char *name, size_t len);

/* Text of a topic, NUL terminated; returns its length, 0 when the scene's name
 * is not allowed. width_px 0 in f and d gives the prefix "f/<scene>/", which
 * subscribes to all widths. */
size_t feed_topic_print(const struct feed_topic *topic, char text[LIMIT_TOPIC_BYTES]);

/* 0, or LG_EBADREQUEST. A subscription matches by prefix: check the scene. */
int feed_topic_parse(const void *data, size_t size, struct feed_topic *topic);

/* A frame with its payload. */
struct feed_frame {
    struct msg_frame header;
    const struct msg_bytes *strips; /* header.n_strips: whole IDAT chunks */
    const struct msg_bytes *tiles;  /* header.n_tiles: whole PNGs */
};

/* Rows of a strip and its raw (filtered, undeflated) size: 1 + width * 3 or 4
 * bytes per row. 0 when strip_i is past the end. */
uint32_t feed_strip_rows(uint64_t height_px, uint64_t strip_i);
uint64_t feed_strip_raw_bytes(const struct msg_frame *frame, uint64_t strip_i);

/* Check a frame against itself: size within the limits, strips rising and of
 * the right raw size, all of them there when base_version is 0, tiles inside
 * the picture, base older than version. 0 or LG_EBADREQUEST with the reason. */
int feed_frame_check(const struct msg_frame *frame, struct msg_problem *problem);

/* Encode the header of frame (sizes in header.strips and header.tiles are
 * filled in from the payload here). Send: topic, this, strips…, tiles…. */
int feed_frame_encode(struct feed_frame *frame, struct msg_buf *header,
                      struct msg_problem *problem);

/* Decode from parts[0] = header, parts[1…] = payload. The frame borrows all
 * bytes and the parts array; feed_frame_finish frees its lists. Each strip is
 * checked to be one IDAT chunk by its length and type (not by its CRC: the
 * transport is reliable, and a browser checks it anyway). */
int feed_frame_decode(const struct msg_bytes *parts, size_t n_parts, struct feed_frame *frame,
                      struct msg_problem *problem);
void feed_frame_finish(struct feed_frame *frame);

#endif
