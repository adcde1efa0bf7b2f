/* OpenSSL: reading a pair of files, checking it, putting it into use. */
#include "gateway-ws/link/ws_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "common/log.h"

void ws_tls_prepare(SSL_CTX *context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); /* an idle client keeps none */
}

/* The oldest reason in the library's list, in words. */
static const char *reason(char *text, size_t size_bytes) {
    unsigned long code = ERR_peek_error();
    const char *words = code != 0 ? ERR_reason_error_string(code) : NULL;
    if (words == NULL && ERR_SYSTEM_ERROR(code)) {
        words = strerror(ERR_GET_REASON(code));
    }
    strncpy(text, words != NULL ? words : "unknown", size_bytes - 1);
    text[size_bytes - 1] = '\0';
    ERR_clear_error();
    return text;
}

static bool complain(const char *option, const char *path, const char *wanted) {
    char why[128];
    lg_log(LG_LOG_ERROR, "ws", "bad_tls_file", "option=%s file=%s expected=%s reason=%s", option,
           path, wanted, reason(why, sizeof(why)));
    return false;
}

static bool read_pair(SSL_CTX *context, const char *cert_path, const char *key_path) {
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, cert_path) != 1) {
        return complain("--tls-cert", cert_path, "certificates in PEM");
    }
    if (SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1) {
        /* A key of another certificate is refused here already. */
        bool is_other = ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_VALUES_MISMATCH ||
                        ERR_GET_REASON(ERR_peek_error()) == X509_R_KEY_TYPE_MISMATCH;
        return complain("--tls-key", key_path,
                        is_other ? "the key of the certificate" : "a private key in PEM");
    }
    if (SSL_CTX_check_private_key(context) != 1) {
        return complain("--tls-key", key_path, "the key of the certificate");
    }
    return true;
}

bool ws_tls_load(SSL_CTX *context, const char *cert_path, const char *key_path) {
    STACK_OF(X509) *chain = NULL;
    SSL_CTX *trial = SSL_CTX_new(TLS_server_method());
    bool is_good = trial != NULL && read_pair(trial, cert_path, key_path);
    if (is_good) {
        SSL_CTX_get0_chain_certs(trial, &chain);
        is_good = SSL_CTX_use_cert_and_key(context, SSL_CTX_get0_certificate(trial),
                                           SSL_CTX_get0_privatekey(trial), chain, 1) == 1 ||
                  complain("--tls-cert", cert_path, "a certificate for a server");
    }
    SSL_CTX_free(trial);
    return is_good;
}
