/* Frames between the renderer and the JavaScript process: four bytes of length (this machine's
 * order: same program, same host), then one JSON object of at most LIMIT_JAVASCRIPT_FRAME_BYTES.
 *
 * to the process    {"run": code, "globals": {name: value}}   {"data": text or null}
 * from it           {"print": words}  {"post": [address, ...]}  {"read": name}
 *                   {"value": text or null}  {"error": words, "line": n}
 */
#ifndef LEGGIO_IO_JAVASCRIPT_WIRE_H
#define LEGGIO_IO_JAVASCRIPT_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#define JAVASCRIPT_WIRE_FD     3
#define JAVASCRIPT_NO_DEADLINE INT64_MAX

/* Takes over the object. deadline_us: of lg_clock_us. false: closed, too late, too large. */
bool javascript_send(int fd, json_t *object, int64_t deadline_us);
/* The next frame, or NULL: closed, too late, too large, no JSON. */
json_t *javascript_receive(int fd, int64_t deadline_us);

#endif
