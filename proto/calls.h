/* Calls: the list of requests, and the checks of requests and replies beyond
 * what the table says.
 *
 * Parts on the sockets (the same for DEALER and plain REQ, whose empty part
 * every side sends and skips):
 *
 *     request, as the ROUTER receives it: identity, "", request
 *     reply, as the ROUTER sends it:      identity, "", reply [, frame, strips…]
 *
 * Each leggio-relay on the way adds an identity to those that the renderer sees
 * before the empty part, and takes it off the reply.
 *
 * A gateway sends a request again, unchanged, when no answer came: the pair of
 * gateway_id and counter names it, and the renderer applies each pair once,
 * answering a repetition with the first answer.
 */
#ifndef LEGGIO_PROTO_CALLS_H
#define LEGGIO_PROTO_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/messages.h"

enum call_role { CALL_ROLE_VIEW = 1, CALL_ROLE_PLAY = 2, CALL_ROLE_CONDUCT = 3 };

/* KIND(name, number, least role, largest text, text for the reference) */
#define REQUEST_KINDS(KIND)                                                                        \
    KIND(HELLO, 1, VIEW, 0, "who is there: epoch, renderer id, scenes, servers")                   \
    KIND(SNAPSHOT, 2, VIEW, 0, "newest whole frame of `scene` at `width_px`; parts follow")        \
    KIND(VERSION, 3, VIEW, 0, "newest published version of `scene`")                               \
    KIND(POST, 4, CONDUCT, LIMIT_SCRIPT_BYTES, "run the script in `text`")                         \
    KIND(CLICK, 5, PLAY, 0, "mouse down and up at `x`, `y` of `scene`")                            \
    KIND(HOVER, 6, PLAY, 0, "pointer of `client_id` at `x`, `y` of `scene`")                       \
    KIND(GET, 7, CONDUCT, LIMIT_SCRIPT_BYTES, "queries: `text` = address and parameters of get")   \
    KIND(FILE, 8, VIEW, LIMIT_PATH_BYTES, "part of the file `text`, relative to the root path")    \
    KIND(LOG, 9, CONDUCT, 0, "the log window's text")                                              \
    KIND(SCENES, 10, VIEW, 0, "all scenes")                                                        \
    KIND(SERVERS, 11, VIEW, LIMIT_ADDRESS_BYTES, "report about the in-score server `text`")

#define KIND(name, number, role, text_max, about) REQUEST_##name = number,
enum request_kind { REQUEST_KINDS(KIND) };
#undef KIND

/* "post" for REQUEST_POST; NULL = unknown. */
const char *call_kind_name(uint64_t kind);
/* Least role that may ask it. CALL_ROLE_CONDUCT for unknown kinds. */
enum call_role call_kind_role(uint64_t kind);
const char *call_role_name(uint64_t role); /* "view", "play", "conduct"; NULL = unknown */
enum call_role call_role_from_name(const char *name); /* unknown = CALL_ROLE_VIEW */

/* Encode a request after checking it as the server will. 0, LG_EBADREQUEST,
 * LG_ETOOLARGE, LG_EFORBIDDEN (role), LG_ENOMEM. */
int call_request_encode(const struct msg_request *request, struct msg_buf *out,
                        struct msg_problem *problem);

/* Decode and check. On failure answer with call_error_encode (gateway_id and
 * counter of `request` are filled when readable). Texts borrow data. */
int call_request_decode(const void *data, size_t size, struct msg_request *request,
                        struct msg_problem *problem);

/* reply->code is one of lg_err_name. 0 or LG_EBADREQUEST, LG_ENOMEM. Too long
 * texts are cut to their limit here rather than refused. */
int call_reply_encode(const struct msg_reply *reply, struct msg_buf *out);
int call_reply_decode(const void *data, size_t size, struct msg_reply *reply,
                      struct msg_problem *problem);
/* Reply that only says code and text to request. */
int call_error_encode(const struct msg_request *request, int code, const char *text,
                      struct msg_buf *out);

/* Name of a lg_err code into reply->code. */
void call_reply_set_code(struct msg_reply *reply, int code);

#endif
