/* --log-level trace: every broker message as one line. */
#include "common/broker/trace.h"

#include "common/log.h"

#define SHOWN_BYTES  1024
#define STRUCT_BYTES 8192 /* of the largest message; a test of the table says so */

static void print(const char *module, const char *way, struct msg_bytes message) {
    _Alignas(16) char decoded[STRUCT_BYTES];
    char text[SHOWN_BYTES];
    struct msg_problem problem;
    uint64_t protocol = 0, number = 0;
    const struct msg_type *type = NULL;
    if (msg_peek(message.data, message.size, &protocol, &number) == 0) {
        type = msg_type_by_number(number);
    }
    if (type == NULL || type->size_bytes > sizeof decoded) {
        lg_log(LG_LOG_TRACE, module, way, "size=%zu reason=%s", message.size, "unknown message");
    } else if (msg_decode(type, message.data, message.size, decoded, &problem) != 0) {
        lg_log(LG_LOG_TRACE, module, way, "size=%zu reason=%s", message.size, problem.text);
    } else {
        msg_print(type, decoded, text, sizeof text);
        msg_finish(type, decoded);
        lg_log(LG_LOG_TRACE, module, way, "size=%zu message=%s", message.size, text);
    }
}

void trace_message(const char *module, const char *way, struct msg_bytes message) {
    if (lg_log_is_on(LG_LOG_TRACE)) {
        print(module, way, message);
    }
}
