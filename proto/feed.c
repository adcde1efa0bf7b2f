/* Topics and frames of the feed. */
#include "proto/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"

#define STRIP_ROWS           64
#define CHUNK_OVERHEAD_BYTES 12 /* length, type, CRC of a PNG chunk */

static int refuse(struct msg_problem *problem, const char *text) {
    if (problem != NULL) {
        snprintf(problem->text, sizeof problem->text, "%s", text);
    }
    return LG_EBADREQUEST;
}

bool feed_is_scene_name(const char *name, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)name[i] <= ' ' || name[i] == '/' || name[i] == 0x7f) {
            return false;
        }
    }
    return len > 0 && len <= LIMIT_SCENE_NAME_BYTES;
}

size_t feed_topic_print(const struct feed_topic *topic, char text[LIMIT_TOPIC_BYTES]) {
    int n = 0;
    bool has_scene = topic->kind != FEED_SERVERS && topic->kind != FEED_HEARTBEAT;
    if (has_scene &&
        !feed_is_scene_name(topic->scene, strnlen(topic->scene, sizeof topic->scene))) {
        return 0;
    }
    if (!has_scene) {
        n = snprintf(text, LIMIT_TOPIC_BYTES, "%c", (char)topic->kind);
    } else if (topic->kind == FEED_NOTICE) {
        n = snprintf(text, LIMIT_TOPIC_BYTES, "v/%s", topic->scene);
    } else if (topic->width_px == 0) {
        n = snprintf(text, LIMIT_TOPIC_BYTES, "%c/%s/", (char)topic->kind, topic->scene);
    } else {
        n = snprintf(text, LIMIT_TOPIC_BYTES, "%c/%s/%" PRIu32, (char)topic->kind, topic->scene,
                     topic->width_px);
    }
    return (size_t)n;
}

static bool parse_width(const char *text, size_t len, uint32_t *width_px) {
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || sum > LIMIT_SIDE_PX) {
            return false;
        }
        sum = sum * 10 + (uint32_t)(text[i] - '0');
    }
    *width_px = sum;
    return sum > 0 && sum <= LIMIT_SIDE_PX;
}

int feed_topic_parse(const void *data, size_t size, struct feed_topic *topic) {
    const char *text = data;
    if (size == 1 && (text[0] == FEED_SERVERS || text[0] == FEED_HEARTBEAT)) {
        *topic = (struct feed_topic){.kind = (enum feed_kind)text[0]};
        return 0;
    }
    if (size < 3 || size > LIMIT_TOPIC_BYTES || text[1] != '/') {
        return LG_EBADREQUEST;
    }
    struct feed_topic found = {.kind = (enum feed_kind)text[0]};
    const char *scene = text + 2;
    size_t scene_len = size - 2;
    if (text[0] == FEED_FRAME || text[0] == FEED_DENSE) {
        const char *slash = memchr(scene, '/', scene_len);
        if (slash == NULL ||
            !parse_width(slash + 1, (size_t)(text + size - slash - 1), &found.width_px)) {
            return LG_EBADREQUEST;
        }
        scene_len = (size_t)(slash - scene);
    } else if (text[0] != FEED_NOTICE) {
        return LG_EBADREQUEST;
    }
    if (!feed_is_scene_name(scene, scene_len)) {
        return LG_EBADREQUEST;
    }
    memcpy(found.scene, scene, scene_len);
    *topic = found;
    return 0;
}

uint32_t feed_strip_rows(uint64_t height_px, uint64_t strip_i) {
    uint64_t top = strip_i * STRIP_ROWS;
    if (top >= height_px) {
        return 0;
    }
    uint64_t left = height_px - top;
    return (uint32_t)(left < STRIP_ROWS ? left : STRIP_ROWS);
}

uint64_t feed_strip_raw_bytes(const struct msg_frame *frame, uint64_t strip_i) {
    uint64_t bytes_per_px = frame->color_type == 0 ? 1 : frame->color_type == 6 ? 4 : 3;
    return feed_strip_rows(frame->height_px, strip_i) * (1 + frame->width_px * bytes_per_px);
}

static int check_strips(const struct msg_frame *frame, struct msg_problem *problem) {
    uint64_t n_all = (frame->height_px + STRIP_ROWS - 1) / STRIP_ROWS;
    for (size_t i = 0; i < frame->n_strips; i++) {
        const struct msg_strip *strip = &frame->strips[i];
        if (strip->strip_i >= n_all || (i > 0 && strip->strip_i <= strip[-1].strip_i)) {
            return refuse(problem, "frame: strips are not rising within the picture");
        }
        if (strip->raw_size_bytes != feed_strip_raw_bytes(frame, strip->strip_i)) {
            return refuse(problem, "frame: raw size of a strip does not fit the picture");
        }
    }
    if (frame->base_version == 0 && frame->n_strips != n_all) {
        return refuse(problem, "frame: a whole frame lacks strips");
    }
    return 0;
}

int feed_frame_check(const struct msg_frame *frame, struct msg_problem *problem) {
    if (!feed_is_scene_name(frame->scene, strlen(frame->scene))) {
        return refuse(problem, "frame: bad name of a scene");
    }
    if (frame->color_type != 0 && frame->color_type != 2 && frame->color_type != 6) {
        return refuse(problem, "frame: colour type must be 0, 2 or 6");
    }
    if (frame->width_px * frame->height_px > LIMIT_PIXELS) {
        return refuse(problem, "frame: too many pixels");
    }
    if (frame->base_version >= frame->version) {
        return refuse(problem, "frame: base is not older than the version");
    }
    for (size_t i = 0; i < frame->n_tiles; i++) {
        const struct msg_tile *tile = &frame->tiles[i];
        if (tile->x_px + tile->width_px > frame->width_px ||
            tile->y_px + tile->height_px > frame->height_px) {
            return refuse(problem, "frame: tile outside the picture");
        }
    }
    return check_strips(frame, problem);
}

int feed_frame_encode(struct feed_frame *frame, struct msg_buf *header,
                      struct msg_problem *problem) {
    for (size_t i = 0; i < frame->header.n_strips; i++) {
        frame->header.strips[i].size_bytes = frame->strips[i].size;
    }
    for (size_t i = 0; i < frame->header.n_tiles; i++) {
        frame->header.tiles[i].size_bytes = frame->tiles[i].size;
    }
    int code = feed_frame_check(&frame->header, problem);
    return code != 0 ? code : msg_encode(&msg_frame_type, &frame->header, header, problem);
}

/* One whole IDAT chunk: big-endian length of the data, "IDAT", data, CRC. */
static bool is_idat_chunk(struct msg_bytes part) {
    const uint8_t *data = part.data;
    if (part.size < CHUNK_OVERHEAD_BYTES || memcmp(data + 4, "IDAT", 4) != 0) {
        return false;
    }
    uint32_t len =
        (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
    return len == part.size - CHUNK_OVERHEAD_BYTES;
}

static int take_payload(const struct msg_bytes *payload, size_t n_payload, struct feed_frame *frame,
                        struct msg_problem *problem) {
    const struct msg_frame *header = &frame->header;
    if (n_payload != header->n_strips + header->n_tiles) {
        return refuse(problem, "frame: number of parts differs from the header");
    }
    for (size_t i = 0; i < header->n_strips; i++) {
        if (payload[i].size != header->strips[i].size_bytes || !is_idat_chunk(payload[i])) {
            return refuse(problem, "frame: a strip is no IDAT chunk of the told size");
        }
    }
    frame->strips = payload;
    frame->tiles = payload + header->n_strips;
    for (size_t i = 0; i < header->n_tiles; i++) {
        if (frame->tiles[i].size != header->tiles[i].size_bytes) {
            return refuse(problem, "frame: size of a tile differs from the header");
        }
    }
    return 0;
}

int feed_frame_decode(const struct msg_bytes *parts, size_t n_parts, struct feed_frame *frame,
                      struct msg_problem *problem) {
    memset(frame, 0, sizeof *frame);
    if (n_parts == 0 || n_parts > LIMIT_PARTS || parts[0].size > LIMIT_HEADER_BYTES) {
        return refuse(problem, "frame: no header, or too large");
    }
    int code = msg_decode(&msg_frame_type, parts[0].data, parts[0].size, &frame->header, problem);
    if (code != 0) {
        return code;
    }
    code = feed_frame_check(&frame->header, problem);
    if (code == 0) {
        code = take_payload(parts + 1, n_parts - 1, frame, problem);
    }
    if (code != 0) {
        feed_frame_finish(frame);
    }
    return code;
}

void feed_frame_finish(struct feed_frame *frame) {
    msg_frame_finish(&frame->header);
    memset(frame, 0, sizeof *frame);
}
