/* The JSON of the INScore dialect: requests into values, values into replies.
 * No sockets, no renderer. Strict JSON (RFC 8259): escapes are decoded, which
 * INScore did not do.
 *
 * source: reference inscore-web-api, section 3
 */
#ifndef LEGGIO_GATEWAY_WS_INSCORE_JSON_H
#define LEGGIO_GATEWAY_WS_INSCORE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSCORE_ID_BYTES_MAX 1024 /* a longer id counts as missing */

enum inscore_method {
    INSCORE_BAD, /* to be answered with `Bad request` */
    INSCORE_VERSION,
    INSCORE_IMAGE,
    INSCORE_POST,
    INSCORE_CLICK,
    INSCORE_HOVER,
    INSCORE_FILE,
    INSCORE_LOG,
};

struct inscore_request {
    enum inscore_method method;
    const char *id;   /* never NULL; "" when missing or of a wrong type */
    const char *text; /* data of post, path of file; valid until finish */
    size_t text_size_bytes;
    int32_t x, y;
    /* private */
    json_t *root;
    char id_digits[24];
};

/* Always fills *request (method INSCORE_BAD for anything malformed). Nesting
 * deeper than LIMIT_JSON_DEPTH is malformed. Of a duplicated key the first wins. */
void inscore_parse(const char *text, size_t size_bytes, struct inscore_request *request);
void inscore_request_finish(struct inscore_request *request);

/* Replies: fresh texts to be freed with free(); NULL when out of memory. Bytes
 * that are not UTF-8 become U+FFFD. */
char *inscore_ok(const char *id);
char *inscore_error(const char *id, const char *error, size_t size_bytes);
char *inscore_version(const char *id, uint64_t version);
char *inscore_log(const char *id, const char *log, size_t size_bytes);
char *inscore_file(const char *id, const char *mime_type, const uint8_t *bytes, size_t size_bytes);
/* `{"id":"7","status":"OK",`: what stands before a picture. */
char *inscore_image_start(const char *id);
/* The error that stands in for a picture, from its start. */
char *inscore_image_failed(const char *start);
/* Returns the length. */
size_t inscore_notice(char *text, size_t room_bytes, uint64_t version);

#endif
