/* A WebSocket that speaks SockJS frames (/sockjs/SERVER/SESSION/websocket): a
 * link around a link. What is written becomes `a["…"]`, a close is told by a
 * `c` frame first, `o` comes before all. What is received stays an array of
 * messages: ws_connection.c takes it apart.
 */
#ifndef LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_FRAMED_H
#define LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_FRAMED_H

#include <stdint.h>

#include "gateway-ws/link/ws_link.h"

/* Writes `o`. ops NULL: out of memory, or broken already. */
struct ws_link sockjs_framed_create(struct ws_link inner);
void sockjs_framed_destroy(struct ws_link link); /* without a link: nothing */
/* Write `h` when one is due. */
void sockjs_framed_tick(struct ws_link link, int64_t now_us, int64_t heartbeat_us);

#endif
