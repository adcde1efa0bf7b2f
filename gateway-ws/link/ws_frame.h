/* WebSocket frames made by hand: one prepared notice goes to thousands of
 * sockets without passing through the library. Only where
 * ws_link_direct_fd says so. */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_FRAME_H
#define LEGGIO_GATEWAY_WS_LINK_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Write an unmasked, final text frame: header and text. Returns its size, 0
 * when room is too small. Pure. source: RFC 6455 5.2 */
size_t ws_frame_text(uint8_t *frame, size_t room_bytes, const char *text, size_t size_bytes);
/* Where the text of such a frame begins. Pure. */
size_t ws_frame_head_bytes(const uint8_t *frame);
/* A whole prepared frame straight into the socket when it takes it: 0 sent, 1
 * not now (ask for writable), -1 close. Never in the middle of a fragmented
 * message, nor while the link is blocked. A system call and nothing more: any
 * thread, while the loop thread keeps the socket open. */
int ws_frame_send(int fd, const uint8_t *frame, size_t size_bytes);
/* Has the kernel sent all that it was given, and most of it been acknowledged? Then a
 * socket tuned by ws_socket.c takes 16000 bytes whole or nothing: less than its
 * TCP_NOTSENT_LOWAT, far less than its buffer. */
bool ws_frame_has_room(int fd);

#endif
