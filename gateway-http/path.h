/* Request targets: decoding, cutting, and what is safe to ask the renderer for. */
#ifndef LEGGIO_GATEWAY_HTTP_PATH_H
#define LEGGIO_GATEWAY_HTTP_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Decode %xx in place ('+' too when is_form). A '%' without two hex digits
 * stays as it is. Returns the new length; the text may hold NUL bytes. */
size_t path_decode(char *text, size_t len, bool is_form);

/* Decode a raw request path and make it plain: "/a//b/" → "a/b", "/" → "".
 *
 * out      at least strlen(raw) + 1 bytes
 * returns  0; LG_ENOTFOUND for what no resource can be called: NUL and control
 *          bytes, backslash, invalid UTF-8, "." and "..", names that begin
 *          with a dot; LG_ETOOLARGE over LIMIT_PATH_BYTES
 */
int path_clean(const char *raw, char *out, size_t out_size);

/* One argument of a raw query string (without '?'), decoded into out.
 * false: not there. The first one counts; "" when it holds a NUL or does not fit:
 * what a client asks for is never taken as not asked. */
bool path_query(const char *query, const char *name, char *out, size_t out_size);

/* Is this a name that a scene can have: 1 to LIMIT_SCENE_NAME_BYTES of letters,
 * digits, '_' and '-'? */
bool path_is_scene_name(const char *name);

#endif
