/* The file of --auth: who is who. Lines:
 *
 *     # anything
 *     anonymous play
 *     conduct blake2b:9f86d0… label, any text
 *
 * `anonymous ROLE` says what clients without a token may do (view when there
 * is no such line). All other lines give a role to a token, of which the file
 * holds only the hash; `leggio-keys token` makes both.
 *
 * Why a fast hash: tokens are 32 random bytes, never chosen by people, so there
 * is nothing to guess and a slow password hash would protect nothing; but it
 * would let anyone burn 50 ms of a core with each request. What has not the
 * form of a token is not even hashed. The hash is compared with all lines, each
 * in constant time.
 */
#ifndef LEGGIO_COMMON_AUTH_TOKENS_H
#define LEGGIO_COMMON_AUTH_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/access/auth.h"

#define AUTH_TOKEN_PREFIX   "lgt_"
#define AUTH_TOKEN_BYTES    32 /* random bytes of a token */
#define AUTH_HASH_BYTES     32
#define AUTH_HASH_PREFIX    "blake2b:"
#define AUTH_HASH_TEXT_ROOM (sizeof AUTH_HASH_PREFIX + 2 * AUTH_HASH_BYTES)
#define AUTH_FILE_MAX_BYTES (1024 * 1024)
#define AUTH_TOKENS_MAX     4096

struct options;
struct auth_tokens;

/* Read the file. NULL: why says what is wrong and in which line (never what is
 * written there); nothing is logged. */
struct auth_tokens *auth_tokens_load(const char *path, char *why, size_t size_bytes);
void auth_tokens_destroy(struct auth_tokens *tokens); /* NULL is fine */

/* Read the file again, as on SIGHUP. 0; or LG_EBADREQUEST, logged with the
 * line, and the old tokens stay. Any one thread. NULL is fine. */
int auth_tokens_reload(struct auth_tokens *tokens);

/* All of these: any thread, a short lock.
 * token NULL = anonymous. Fills role (AUTH_NONE = unknown), token_id and label. */
void auth_tokens_find(struct auth_tokens *tokens, const char *token, struct auth_grant *grant);
/* Role now of who was found before; AUTH_NONE = not there any more. token_id 0 =
 * anonymous. */
enum auth_role auth_tokens_role(struct auth_tokens *tokens, uint64_t token_id);
size_t auth_tokens_count(struct auth_tokens *tokens);

/* Make a token (room: AUTH_TOKEN_ROOM) and the text of its hash. */
void auth_token_make(char token[AUTH_TOKEN_ROOM], char hash[AUTH_HASH_TEXT_ROOM]);

/* Of a gateway with options `auth` and `open`: may they stand together, can the
 * file be read? 0, or -1 and why. For options_table.check. */
int auth_options_check(const struct options *options, char *why, size_t size_bytes);
/* The tokens of --auth; *tokens = NULL without it. false after logging. A line
 * in the log when others may write or read the file. */
bool auth_options_load(const struct options *options, struct auth_tokens **tokens);

#endif
