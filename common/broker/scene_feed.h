/* One scene as it comes over the feed: joining, gaps, and the frame that grows
 * from strips. No sockets, no threads, no clock of its own: time comes in.
 *
 *     JOINING   no base to build on. A snapshot is asked for; deltas that come
 *               meanwhile are kept (a few) and applied after it.
 *     LIVE      each delta is built on the version before it.
 *
 * LIVE → JOINING: a delta whose base is not ours (gap), another epoch, or a
 * version that was announced but whose frame did not come within
 * SCENE_FEED_PATIENCE_US. JOINING → LIVE: a whole frame, by snapshot or feed.
 */
#ifndef LEGGIO_COMMON_BROKER_SCENE_FEED_H
#define LEGGIO_COMMON_BROKER_SCENE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "common/frame.h"
#include "proto/feed.h"

#define SCENE_FEED_KEPT_MAX    16     /* deltas kept while joining; more = ask once again */
#define SCENE_FEED_PATIENCE_US 200000 /* between an announcement and its frame */
#define SCENE_FEED_REASK_US    10000  /* after a snapshot that was already behind */
#define SCENE_FEED_RETRY_US    200000 /* after a failed snapshot */

struct scene_feed;

struct scene_feed *scene_feed_create(const char *scene);
void scene_feed_destroy(struct scene_feed *feed);
const char *scene_feed_name(const struct scene_feed *feed);

/* A frame of the feed. Its strips are copied. */
void scene_feed_take_frame(struct scene_feed *feed, const struct feed_frame *frame, int64_t now_us);
/* The answer to a snapshot. */
void scene_feed_take_snapshot(struct scene_feed *feed, const struct feed_frame *frame,
                              int64_t now_us);
void scene_feed_snapshot_failed(struct scene_feed *feed, int64_t now_us);
/* A dense encoding. true: it belongs to the newest frame, which now has it. */
bool scene_feed_take_dense(struct scene_feed *feed, const struct msg_dense *dense,
                           struct msg_bytes png);
/* News of a version: notice, heartbeat, answer to a call. */
void scene_feed_announce(struct scene_feed *feed, uint64_t epoch, uint64_t version, int64_t now_us);
/* The renderer was away or is another process: ask again. */
void scene_feed_rejoin(struct scene_feed *feed);

/* Freeze what came since the last call. Returns the newest frame, borrowed,
 * when it is new; else NULL. Call it once after all waiting messages were
 * taken: versions in between are skipped, their strips are not. */
struct frame *scene_feed_flush(struct scene_feed *feed);
/* Newest frozen frame, borrowed; NULL before the first. */
struct frame *scene_feed_frame(const struct scene_feed *feed);

/* Is it time to ask for a snapshot? true counts as asked: end it with
 * take_snapshot or snapshot_failed. */
bool scene_feed_wants_snapshot(struct scene_feed *feed, int64_t now_us);

bool scene_feed_is_live(const struct scene_feed *feed);
uint64_t scene_feed_gaps(const struct scene_feed *feed);

#endif
