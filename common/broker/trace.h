/* Broker messages as log lines at level trace. */
#ifndef LEGGIO_COMMON_BROKER_TRACE_H
#define LEGGIO_COMMON_BROKER_TRACE_H

#include "proto/messages.h"

/* way: "received" or "sent". Costs one comparison when trace is off. Texts are
 * cut; contents of files and pictures are not shown. */
void trace_message(const char *module, const char *way, struct msg_bytes message);

#endif
