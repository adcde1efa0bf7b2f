/* Inside renderer/io: the bytes of an OSC packet, a message or a bundle of such. */
#ifndef LEGGIO_IO_OSC_PACKET_H
#define LEGGIO_IO_OSC_PACKET_H

#include <lo/lo.h>
#include <stdbool.h>
#include <stddef.h>

/* path, types, args: as osc_message_read wants them; borrowed. false: stop, refuse the packet. */
typedef bool (*osc_packet_message_fn)(void *ctx, const char *path, const char *types, lo_arg **args,
                                      int n_args);

/* Each message in its order, bundles flattened, time tags ignored. bytes: may be changed. false: it
 * is no OSC, or on_message said so; some messages may have been told by then. */
bool osc_packet_read(char *bytes, size_t size_bytes, osc_packet_message_fn on_message, void *ctx);

#endif
