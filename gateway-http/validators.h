/* Entity tags, HTTP dates and the rules of conditional requests.
 *
 * Last-Modified has whole seconds, a score can have sixty versions in one. So:
 * while a version is young (VALIDATOR_SETTLED_US since this gateway got it)
 * its Last-Modified is the second in which it was drawn, and never validates;
 * a settled one is the second after that, and validates when the client sends
 * exactly it. A version drawn later in the same second comes to every gateway
 * before the earlier one can settle, so the two never share a validating date.
 */
#ifndef LEGGIO_GATEWAY_HTTP_VALIDATORS_H
#define LEGGIO_GATEWAY_HTTP_VALIDATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VALIDATOR_ETAG_BYTES 128
#define VALIDATOR_DATE_BYTES 32
#define VALIDATOR_SETTLED_US 4000000 /* more than the 3 s after which a silent feed is stale */

/* W/"epoch-version-view" */
void validator_etag(char out[VALIDATOR_ETAG_BYTES], uint64_t epoch, uint64_t version,
                    const char *view);

/* Does an If-None-Match header name this tag (weak comparison; "*" names all)? */
bool validator_etag_matches(const char *if_none_match, const char *etag);

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
void validator_date_format(char out[VALIDATOR_DATE_BYTES], int64_t wall_s);

/* The three date forms of RFC 9110 5.6.7. false: none of them. Any locale. */
bool validator_date_parse(const char *text, int64_t *wall_s);

/* Seconds that Last-Modified shows for a frame (see above). */
int64_t validator_last_modified_s(int64_t drawn_wall_us, bool is_settled);

#endif
