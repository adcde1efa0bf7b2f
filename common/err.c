/* The one table of error codes: name on the wire, HTTP status, INScore word,
 * JSON-RPC code. docs/jsonrpc.md quotes it. */
#include "common/err.h"

#include <stddef.h>
#include <string.h>

struct err_row {
    int code;
    const char *name;
    int http_status;
    const char *word; /* of the INScore dialect */
    int rpc_code;
};

static const struct err_row ROWS[] = {
    {LG_OK, "ok", 200, NULL, 0},
    {LG_EBADREQUEST, "bad_request", 400, "Bad request", -32602},
    {LG_ESCRIPT, "script_error", 400, "Script error", 40022},
    {LG_EUNKNOWNOBJECT, "unknown_object", 400, "Unknown object", 40010},
    {LG_ENOTFOUND, "not_found", 404, "Unknown scene", 40004},
    {LG_ETOOLARGE, "too_large", 413, "Request too large", 40013},
    {LG_EFORBIDDEN, "forbidden", 403, "Not allowed for this client", 40003},
    {LG_EBUSY, "busy", 503, "Renderer not available, try again", 50003},
    {LG_EINTERNAL, "internal", 500, "Internal error", -32603},
};
static const struct err_row INTERNAL = {LG_EINTERNAL, "internal", 500, "Internal error", -32603};

static const struct err_row *row_of(int code) {
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (ROWS[i].code == code) {
            return &ROWS[i];
        }
    }
    return &INTERNAL;
}

const char *lg_err_name(int code) {
    return row_of(code)->name;
}

int lg_err_from_name(const char *name) {
    for (size_t i = 0; name != NULL && i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (strcmp(ROWS[i].name, name) == 0) {
            return ROWS[i].code;
        }
    }
    return LG_EINTERNAL;
}

int lg_err_http_status(int code) {
    return row_of(code)->http_status;
}

const char *lg_err_word(int code) {
    return row_of(code)->word;
}

int lg_err_rpc_code(int code) {
    return row_of(code)->rpc_code;
}
