/* Bodies of inputs and moments as msgpack, written by msgpack-c and read by the reader that trusts
 * nothing (proto/msgpack_reader.h). Writing never fails (renderer/score/alloc.h). */
#ifndef LEGGIO_PAST_PACK_H
#define LEGGIO_PAST_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/msgpack_reader.h"
#include "renderer/score/message.h"
#include "renderer/score/time/moment.h"

struct pack; /* bytes under way */

struct pack *pack_create(void);
void pack_destroy(struct pack *pack);
void pack_clear(struct pack *pack);
const uint8_t *pack_data(const struct pack *pack, size_t *size); /* borrowed until it changes */

void pack_array(struct pack *pack, size_t n_items);
void pack_int(struct pack *pack, int64_t value);
void pack_uint(struct pack *pack, uint64_t value);
void pack_double(struct pack *pack, double value);
void pack_bytes(struct pack *pack, const void *data, size_t size); /* NULL = nil */
void pack_text(struct pack *pack, const char *text);               /* the same */
void pack_message(struct pack *pack, const struct message *msg);
void pack_messages(struct pack *pack, const struct message *messages, size_t n_messages);
void pack_moment(struct pack *pack, const struct moment *moment);

/* -- reading: false = malformed; texts are copies for free() ------------------------------ */
bool unpack_array(struct msgpack_reader *from, size_t *n_items);
/* An array of exactly so many. */
bool unpack_fixed(struct msgpack_reader *from, size_t n_items);
bool unpack_int(struct msgpack_reader *from, int64_t *value);
bool unpack_uint(struct msgpack_reader *from, uint64_t *value);
bool unpack_double(struct msgpack_reader *from, double *value);
/* Borrowed; nil gives NULL. */
bool unpack_bytes(struct msgpack_reader *from, const uint8_t **data, size_t *size);
/* A text without NUL inside; nil gives NULL. */
bool unpack_text(struct msgpack_reader *from, char **text);
/* false: *messages is NULL. */
bool unpack_messages(struct msgpack_reader *from, struct message **messages, size_t *n_messages);
bool unpack_moment(struct msgpack_reader *from, struct moment *moment);

#endif
