/* Who the server is: chain, host name, dates, pin. */
#ifndef LEGGIO_CLIENTS_C_TLS_H
#define LEGGIO_CLIENTS_C_TLS_H

#include <openssl/ssl.h>

#include "clients/c/settings.h"

enum { TLS_REASON_BYTES = 300 };

struct tls {
    const struct settings *settings; /* borrowed */
    SSL_CTX *context;
    char reason[TLS_REASON_BYTES]; /* of the newest refusal; connection's thread */
};

/* Loads authorities, certificate and key. LG_CLIENT_OK or a code with why, after which there is
 * nothing to finish. tls must stay where it is until tls_finish. */
int tls_init(struct tls *tls, const struct settings *settings, char *why, size_t why_bytes);
void tls_finish(struct tls *tls);

#endif
