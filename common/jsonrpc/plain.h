/* Requests as most clients write them, read without the JSON library. */
#ifndef LEGGIO_COMMON_JSONRPC_PLAIN_H
#define LEGGIO_COMMON_JSONRPC_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/jsonrpc/codec.h"

/* Read {"jsonrpc":"2.0","id":7,"method":"version"}: these members only, each at
 * most once, in any order, printable ASCII without escapes. parsed is filled as
 * jsonrpc_parse would fill it. false: it is something else, nothing was touched. */
bool plain_request(const char *text, size_t size_bytes, struct jsonrpc_parsed *parsed);

#endif
