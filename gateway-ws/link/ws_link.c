/* From a link to what carries it. */
#include "gateway-ws/link/ws_link.h"

int ws_link_write(struct ws_link link, const struct ws_link_piece *piece) {
    return link.ops->write(link.object, piece);
}

bool ws_link_is_blocked(struct ws_link link) {
    return link.ops->is_blocked(link.object);
}

bool ws_link_has_room(struct ws_link link) {
    return link.ops->has_room(link.object);
}

void ws_link_want_writable(struct ws_link link) {
    link.ops->want_writable(link.object);
}

void ws_link_pause_reading(struct ws_link link, bool is_paused) {
    link.ops->pause_reading(link.object, is_paused);
}

int ws_link_ping(struct ws_link link) {
    return link.ops->ping(link.object);
}

int ws_link_direct_fd(struct ws_link link) {
    return link.ops->direct_fd(link.object);
}

bool ws_link_carries_binary(struct ws_link link) {
    return link.ops->carries_binary;
}

void ws_link_set_reason(struct ws_link link, uint16_t code, const char *text) {
    link.ops->set_reason(link.object, code, text);
}

void ws_link_kill(struct ws_link link) {
    link.ops->kill(link.object);
}
