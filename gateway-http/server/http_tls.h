/* Certificate and key of the HTTP ports, by GnuTLS (libmicrohttpd has no
 * other). Files are read and checked as a whole before anything is changed. */
#ifndef LEGGIO_GATEWAY_HTTP_HTTP_TLS_H
#define LEGGIO_GATEWAY_HTTP_HTTP_TLS_H

#include <gnutls/abstract.h>
#include <stdbool.h>

/* Give new connections this certificate (with its chain) and key. false after
 * logging what is wrong with which file; then nothing has changed. Connections
 * that are open keep what they began with. Main thread. */
bool http_tls_load(const char *cert_path, const char *key_path);
/* After the server has gone. */
void http_tls_finish(void);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK and MHD_OPTION_HTTPS_PRIORITIES. */
gnutls_certificate_retrieve_function2 http_tls_choose;
#define HTTP_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

#endif
