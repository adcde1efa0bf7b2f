/* Certificate and key of the WebSocket ports. Files are read and checked as a
 * whole before anything is changed, so that a bad pair never takes effect. */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_TLS_H
#define LEGGIO_GATEWAY_WS_LINK_WS_TLS_H

#include <stdbool.h>

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */

/* Versions and modes of new connections. */
void ws_tls_prepare(struct ssl_ctx_st *context);
/* Give new connections the certificate (with its chain, PEM) and the key (PEM).
 * false after logging what is wrong with which file; then nothing has changed.
 * Connections that are open keep what they began with. */
bool ws_tls_load(struct ssl_ctx_st *context, const char *cert_path, const char *key_path);

#endif
