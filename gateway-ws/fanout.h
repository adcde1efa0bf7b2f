/* The clients of one scene that share a notification period (one port), and
 * when they are told of a new version: at once when quiet, then at most once
 * per period, always the newest. Loop thread only.
 */
#ifndef LEGGIO_GATEWAY_WS_FANOUT_H
#define LEGGIO_GATEWAY_WS_FANOUT_H

#include <stddef.h>
#include <stdint.h>

struct fanout;
struct senders;
struct view;
struct ws_connection;

/* view and senders are borrowed for the fan-out's life. */
struct fanout *fanout_create(struct view *view, struct senders *senders, int64_t period_us);
void fanout_destroy(struct fanout *fanout); /* NULL is fine; has no members */
struct view *fanout_view(const struct fanout *fanout);

/* O(1). Returns 0 or LG_ENOMEM. */
int fanout_add(struct fanout *fanout, struct ws_connection *connection);
void fanout_remove(struct fanout *fanout, struct ws_connection *connection);
size_t fanout_n_members(const struct fanout *fanout);
struct ws_connection *fanout_member(const struct fanout *fanout, size_t member_i);

/* The view may have another version: tell everyone if it is time. Returns when
 * to ask again, INT64_MAX when there is nothing left to tell. */
int64_t fanout_update(struct fanout *fanout, int64_t now_us);

/* The prepared WebSocket frame of the newest notice; borrowed. Size 0 before
 * the first. */
const uint8_t *fanout_notice(struct fanout *fanout, size_t *size_bytes);

#endif
