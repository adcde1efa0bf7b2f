/* All members once per version: each gets the same prepared bytes (senders.c),
 * those that cannot take them are marked and asked again when writable.
 */
#include "gateway-ws/fanout.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/metrics.h"
#include "gateway-ws/inscore_json.h"
#include "gateway-ws/link/ws_frame.h"
#include "gateway-ws/senders.h"
#include "gateway-ws/view.h"
#include "gateway-ws/ws_connection.h"

struct fanout {
    struct view *view; /* borrowed: the owner holds the reference */
    struct senders *senders;
    struct metric *delay, *coalesced;
    int64_t period_us;
    struct ws_connection **members;
    size_t n_members, room;
    int64_t told_us;
    uint64_t told_epoch, told_version;
    bool has_told;
    uint64_t notice_version;
    size_t notice_size_bytes;
    uint8_t notice[96];
};

struct fanout *fanout_create(struct view *view, struct senders *senders, int64_t period_us) {
    struct fanout *fanout = calloc(1, sizeof(*fanout));
    if (fanout != NULL) {
        fanout->view = view;
        fanout->senders = senders;
        fanout->period_us = period_us;
        fanout->delay = metric_histogram("leggio_ws_notice_delay_seconds", "",
                                         "from drawing a version to its last direct notice",
                                         METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
        fanout->coalesced =
            metric_counter("leggio_ws_coalesced_total", "",
                           "versions that a client was not told of, as a newer one was there");
        const struct frame *frame = view_frame(view);
        if (frame != NULL) {
            /* What is there already is no news for those who come now. */
            fanout->has_told = true;
            fanout->told_epoch = frame->epoch;
            fanout->told_version = frame->version;
        }
    }
    return fanout;
}

void fanout_destroy(struct fanout *fanout) {
    if (fanout != NULL) {
        assert(fanout->n_members == 0);
        free(fanout->members);
        free(fanout);
    }
}

struct view *fanout_view(const struct fanout *fanout) {
    return fanout->view;
}

int fanout_add(struct fanout *fanout, struct ws_connection *connection) {
    if (fanout->n_members == fanout->room) {
        size_t room = fanout->room == 0 ? 8 : fanout->room * 2;
        struct ws_connection **members = realloc(fanout->members, room * sizeof(*fanout->members));
        if (members == NULL) {
            return LG_ENOMEM;
        }
        fanout->members = members;
        fanout->room = room;
    }
    ws_connection_set_fanout(connection, fanout, (uint32_t)fanout->n_members);
    fanout->members[fanout->n_members++] = connection;
    return 0;
}

void fanout_remove(struct fanout *fanout, struct ws_connection *connection) {
    uint32_t member_i = ws_connection_fanout_i(connection);
    assert(member_i < fanout->n_members && fanout->members[member_i] == connection);
    struct ws_connection *last = fanout->members[--fanout->n_members];
    fanout->members[member_i] = last;
    ws_connection_set_fanout(last, fanout, member_i);
    ws_connection_set_fanout(connection, NULL, 0);
}

size_t fanout_n_members(const struct fanout *fanout) {
    return fanout->n_members;
}

struct ws_connection *fanout_member(const struct fanout *fanout, size_t member_i) {
    return fanout->members[member_i];
}

/* No member leaves meanwhile: broken ones are closed later by the loop. */
static void tell_members(struct fanout *fanout) {
    struct send_job *jobs = senders_room(fanout->senders, fanout->n_members);
    size_t n_jobs = 0;
    for (size_t i = 0; i < fanout->n_members; i++) {
        if (jobs == NULL) { /* out of memory: one after the other */
            ws_connection_tell(fanout->members[i]);
        } else if (ws_connection_prepare(fanout->members[i], &jobs[n_jobs])) {
            jobs[n_jobs++].member_i = (uint32_t)i;
        }
    }
    if (n_jobs > 0) {
        senders_run(fanout->senders, n_jobs);
    }
    for (size_t i = 0; i < n_jobs; i++) {
        ws_connection_told(fanout->members[jobs[i].member_i], jobs[i].result);
    }
}

int64_t fanout_update(struct fanout *fanout, int64_t now_us) {
    const struct frame *frame = view_frame(fanout->view);
    if (frame == NULL || (fanout->has_told && fanout->told_epoch == frame->epoch &&
                          fanout->told_version == frame->version)) {
        return INT64_MAX;
    }
    int64_t due_us = fanout->told_us + fanout->period_us;
    if (fanout->has_told && fanout->told_us != 0 && now_us < due_us) {
        return due_us;
    }
    int64_t drawn_wall_us = frame->drawn_wall_us;
    if (fanout->has_told && fanout->told_epoch == frame->epoch &&
        frame->version > fanout->told_version) {
        uint64_t n_skipped = frame->version - fanout->told_version - 1;
        metric_add(fanout->coalesced, (int64_t)(n_skipped * fanout->n_members));
    }
    fanout->has_told = true;
    fanout->told_us = now_us;
    fanout->told_epoch = frame->epoch;
    fanout->told_version = frame->version;
    tell_members(fanout);
    metric_observe(fanout->delay, lg_clock_wall_us() - drawn_wall_us);
    return INT64_MAX;
}

const uint8_t *fanout_notice(struct fanout *fanout, size_t *size_bytes) {
    if (fanout->has_told &&
        (fanout->notice_size_bytes == 0 || fanout->notice_version != fanout->told_version)) {
        char text[80];
        size_t len = inscore_notice(text, sizeof(text), fanout->told_version);
        fanout->notice_size_bytes =
            ws_frame_text(fanout->notice, sizeof(fanout->notice), text, len);
        fanout->notice_version = fanout->told_version;
    }
    *size_bytes = fanout->notice_size_bytes;
    return fanout->notice;
}
