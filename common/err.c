/* The one table of error codes: name on the wire, HTTP status. The INScore
 * words and JSON-RPC codes join it with the dialects that speak them. */
#include "common/err.h"

#include <stddef.h>
#include <string.h>

struct err_row {
    int code;
    const char *name;
    int http_status;
};

static const struct err_row ROWS[] = {
    {LG_OK, "ok", 200},
    {LG_EBADREQUEST, "bad_request", 400},
    {LG_ESCRIPT, "script_error", 400},
    {LG_EUNKNOWNOBJECT, "unknown_object", 400},
    {LG_ENOTFOUND, "not_found", 404},
    {LG_ETOOLARGE, "too_large", 413},
    {LG_EFORBIDDEN, "forbidden", 403},
    {LG_EBUSY, "busy", 503},
    {LG_EINTERNAL, "internal", 500},
};
static const struct err_row INTERNAL = {LG_EINTERNAL, "internal", 500};

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
