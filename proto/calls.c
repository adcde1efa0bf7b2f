/* Envelopes of calls: which request needs what, which role may ask it. */
#include "proto/calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "proto/feed.h"

struct kind_row {
    enum request_kind kind;
    const char *name;
    enum call_role role;
    size_t text_max_bytes;
};

/* Names on the wire and in logs are small: made once, below. */
#define KIND(name, number, role, text_max, about)                                                  \
    {REQUEST_##name, #name, CALL_ROLE_##role, text_max},
static const struct kind_row ROWS[] = {REQUEST_KINDS(KIND)};
#undef KIND
#define N_ROWS (sizeof ROWS / sizeof ROWS[0])

static const char *const NAMES[N_ROWS] = {"hello", "snapshot", "version", "post",
                                          "click", "hover",    "get",     "file",
                                          "log",   "scenes",   "servers"};
static const char *const ROLES[] = {"view", "play", "conduct"};

static const struct kind_row *row_of(uint64_t kind) {
    for (size_t i = 0; i < N_ROWS; i++) {
        if ((uint64_t)ROWS[i].kind == kind) {
            return &ROWS[i];
        }
    }
    return NULL;
}

const char *call_kind_name(uint64_t kind) {
    const struct kind_row *row = row_of(kind);
    return row != NULL ? NAMES[row - ROWS] : NULL;
}

enum call_role call_kind_role(uint64_t kind) {
    const struct kind_row *row = row_of(kind);
    return row != NULL ? row->role : CALL_ROLE_CONDUCT;
}

const char *call_role_name(uint64_t role) {
    return role >= CALL_ROLE_VIEW && role <= CALL_ROLE_CONDUCT ? ROLES[role - 1] : NULL;
}

enum call_role call_role_from_name(const char *name) {
    for (size_t i = 0; name != NULL && i < sizeof ROLES / sizeof ROLES[0]; i++) {
        if (strcmp(ROLES[i], name) == 0) {
            return (enum call_role)(i + 1);
        }
    }
    return CALL_ROLE_VIEW;
}

static int refuse(struct msg_problem *problem, int code, const char *text) {
    if (problem != NULL) {
        snprintf(problem->text, sizeof problem->text, "%s", text);
    }
    return code;
}

static int check_request(const struct msg_request *request, struct msg_problem *problem) {
    const struct kind_row *row = row_of(request->kind);
    if (row == NULL) {
        return refuse(problem, LG_EBADREQUEST, "unknown kind of request");
    }
    if (request->role < (uint64_t)row->role) {
        return refuse(problem, LG_EFORBIDDEN, "the role does not allow it");
    }
    if (request->text.size > row->text_max_bytes) {
        return refuse(problem, LG_ETOOLARGE, "text is too long");
    }
    size_t scene_len = strlen(request->scene);
    if (scene_len > 0 && !feed_is_scene_name(request->scene, scene_len)) {
        return refuse(problem, LG_EBADREQUEST, "bad name of a scene");
    }
    return 0;
}

int call_request_encode(const struct msg_request *request, struct msg_buf *out,
                        struct msg_problem *problem) {
    int code = check_request(request, problem);
    return code != 0 ? code : msg_encode(&msg_request_type, request, out, problem);
}

int call_request_decode(const void *data, size_t size, struct msg_request *request,
                        struct msg_problem *problem) {
    int code = msg_decode(&msg_request_type, data, size, request, problem);
    return code != 0 ? code : check_request(request, problem);
}

static struct msg_bytes cut(struct msg_bytes text, size_t max) {
    return (struct msg_bytes){text.data, text.size < max ? text.size : max};
}

int call_reply_encode(const struct msg_reply *reply, struct msg_buf *out) {
    struct msg_reply bounded = *reply;
    bounded.text = cut(reply->text, LIMIT_TEXT_BYTES);
    return msg_encode(&msg_reply_type, &bounded, out, NULL);
}

int call_reply_decode(const void *data, size_t size, struct msg_reply *reply,
                      struct msg_problem *problem) {
    return msg_decode(&msg_reply_type, data, size, reply, problem);
}

void call_reply_set_code(struct msg_reply *reply, int code) {
    snprintf(reply->code, sizeof reply->code, "%s", lg_err_name(code));
}

int call_error_encode(const struct msg_request *request, int code, const char *text,
                      struct msg_buf *out) {
    struct msg_reply reply = {.gateway_id = request->gateway_id, .counter = request->counter};
    call_reply_set_code(&reply, code);
    reply.text = (struct msg_bytes){text, text != NULL ? strlen(text) : 0};
    return call_reply_encode(&reply, out);
}
