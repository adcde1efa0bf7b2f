/* Inside renderer/io: liblo's messages and ours. */
#ifndef LEGGIO_IO_OSC_MESSAGE_H
#define LEGGIO_IO_OSC_MESSAGE_H

#include <lo/lo.h>
#include <stdbool.h>

#include "renderer/score/message.h"

/* types, args: as liblo gives them to a handler. Arguments of other types than int32, float32
 * and string are skipped, and floats that are no numbers. false = some text is no UTF-8. */
bool osc_message_read(const char *path, const char *types, lo_arg **args, int n_args,
                      struct message *msg);

/* Arguments of a message, method first; lists flat with "(" ":" ")". NULL = out of memory. */
lo_message osc_message_write(const struct message *msg);

#endif
