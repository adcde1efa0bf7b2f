/* The head of a request, read out of the library. */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_HEAD_H
#define LEGGIO_GATEWAY_WS_LINK_WS_HEAD_H

#include <stdbool.h>

#include "gateway-ws/link/ws_server.h"

struct lws;

struct ws_head {
    char path[512], query[1024], host[300], origin[512], authorization[1024], forwarded_for[512];
    struct ws_upgrade upgrade; /* points to them */
};

/* false: the address is longer than the room. */
bool ws_head_read(struct lws *lws, struct ws_head *head);
/* "GET", "POST", … "" for what the library would not take. */
const char *ws_head_method(struct lws *lws);

#endif
