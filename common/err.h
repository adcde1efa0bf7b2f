/* The closed set of error codes, and what each edge makes of it.
 *
 * Functions return 0 or one of these negative codes. A gateway turns a code
 * into an HTTP status, an INScore word or a JSON-RPC code by the table in
 * err.c, and nowhere else.
 */
#ifndef LEGGIO_COMMON_ERR_H
#define LEGGIO_COMMON_ERR_H

enum lg_err {
    LG_OK = 0,
    LG_EBADREQUEST = -1,    /* malformed, or a field out of its bounds */
    LG_ESCRIPT = -2,        /* the script was run, errors were reported */
    LG_EUNKNOWNOBJECT = -3, /* nothing at this point or address */
    LG_ENOTFOUND = -4,      /* no such file, scene or resource */
    LG_ETOOLARGE = -5,      /* over a documented limit */
    LG_EFORBIDDEN = -6,     /* the role does not allow it */
    LG_EBUSY = -7,          /* not now: renderer away, queue full, deadline passed */
    LG_EINTERNAL = -8,      /* our fault; logged where it happened */
    /* Below: never sent to a peer. */
    LG_EOLD = -9,    /* not newer than what is there */
    LG_ENOMEM = -10, /* out of memory */
};

/* Name of a code as it travels in calls, e.g. "bad_request". Never NULL. */
const char *lg_err_name(int code);

/* Code for a name of lg_err_name; LG_EINTERNAL when the name is unknown. */
int lg_err_from_name(const char *name);

/* HTTP status for a code: 200, 400, 403, 404, 413, 500 or 503. */
int lg_err_http_status(int code);

/* What the INScore dialect says, where the method has no words of its own; NULL
 * for LG_OK. */
const char *lg_err_word(int code);

/* Code of the JSON-RPC error; 0 for LG_OK. */
int lg_err_rpc_code(int code);

#endif
