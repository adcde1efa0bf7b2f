/* The table of methods: what is checked before a handler runs, and what
 * rpc.discover tells of it.
 *
 *     static const struct jsonrpc_param ECHO_PARAMS[] = {
 *         {.name = "text", .type = JSONRPC_STRING, .min = 1, .max = 1000, .summary = "comes back"},
 *         {.name = "times", .type = JSONRPC_INTEGER, .min = 1, .max = 10, .is_optional = true},
 *     };
 *     static const struct jsonrpc_method METHODS[] = {
 *         {.name = "echo", .handle = echo, .params = ECHO_PARAMS, .n_params = 2},
 *     };
 */
#ifndef LEGGIO_COMMON_JSONRPC_METHOD_H
#define LEGGIO_COMMON_JSONRPC_METHOD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jsonrpc_transaction;

enum jsonrpc_type {
    JSONRPC_ANY,
    JSONRPC_STRING,  /* min, max: bytes of UTF-8; no NUL inside */
    JSONRPC_INTEGER, /* min, max: value; 7.0 is one too */
    JSONRPC_NUMBER,  /* min, max: value */
    JSONRPC_BOOLEAN,
    JSONRPC_OBJECT, /* min, max: members */
    JSONRPC_ARRAY,  /* min, max: items */
};

/* One member of params, or of a result. min and max both 0: no bounds. */
struct jsonrpc_param {
    const char *name;
    enum jsonrpc_type type;
    int64_t min, max;
    bool is_optional;
    const char *choices;                  /* JSONRPC_STRING: "none|tiles" */
    bool (*is_good)(const json_t *value); /* more to check, after the above; NULL = nothing */
    const char *expected;                 /* what is_good wants, in words */
    const char *summary;
};

struct jsonrpc_method {
    const char *name;
    /* params: borrowed; an object (positions are given their names) when the
     * method has a list of params, else what came: object, array or {} for
     * nothing. Without an answer from here, {} is sent. */
    void (*handle)(struct jsonrpc_transaction *transaction, json_t *params);
    const struct jsonrpc_param *params; /* NULL: not checked */
    size_t n_params;
    bool has_no_params; /* params NULL and the list is really empty: positions are refused */
    int role;           /* least role of the transport; 0 = anyone */
    bool is_once;       /* a repetition (same id, same params, within 5 s) is not done again */
    bool needs_session; /* refused on a transport without sessions (POST /rpc) */
    const struct jsonrpc_param *results; /* members of an object result, for rpc.discover */
    size_t n_results;
    const char *summary;
};

/* The checks of a table of params, by themselves. params: object, array or
 * NULL. Returns a new object with the names of the table (unknown members are
 * kept), or NULL; then *data is `{"field", "expected"}` for the error, or NULL
 * when out of memory. */
json_t *jsonrpc_params_check(const struct jsonrpc_param *rows, size_t n_rows, json_t *params,
                             json_t **data);

#endif
