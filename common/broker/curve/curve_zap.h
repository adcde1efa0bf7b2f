/* Who is let in by keys: answers ZeroMQ's questions (ZAP, RFC 27) in one context.
 * Of our own rather than czmq's zauth, since it works in any context, knows one
 * fixed list that is read again on SIGHUP only, and tells refusals in our log. */
#ifndef LEGGIO_COMMON_BROKER_CURVE_CURVE_ZAP_H
#define LEGGIO_COMMON_BROKER_CURVE_CURVE_ZAP_H

struct curve_zap;

/* Before the first socket of the context binds. dir: folder of --curve-keys.
 * NULL after logging. */
struct curve_zap *curve_zap_create(void *zmq_context, const char *dir);
/* Before the context ends. NULL is fine. */
void curve_zap_destroy(struct curve_zap *zap);
/* Read clients/ again; when that fails the old list stays (logged). Who is
 * connected stays connected. NULL is fine. Any thread. */
void curve_zap_reload(struct curve_zap *zap);

#endif
