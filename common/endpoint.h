/* What the text of a ZeroMQ endpoint says. */
#ifndef LEGGIO_COMMON_ENDPOINT_H
#define LEGGIO_COMMON_ENDPOINT_H

#include <stdbool.h>

/* Does it stay on this machine (ipc, inproc, tcp on a loopback address)? */
bool endpoint_is_local(const char *endpoint);

#endif
