/* OpenSSL's context, made by us rather than by libwebsockets: its own checks know neither pins nor
 * clear reasons. Each handshake ends in verify(), which may refuse and says why. */
#include "clients/c/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static int refuse(struct tls *tls, X509_STORE_CTX *store, int code, const char *text) {
    snprintf(tls->reason, sizeof(tls->reason), "the server's certificate is not accepted: %s",
             text);
    X509_STORE_CTX_set_error(store, code);
    return 0;
}

static bool is_pinned(const struct tls *tls, X509 *certificate) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned char *key = NULL;
    unsigned len = 0;
    int key_bytes = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key);
    bool is_same =
        key_bytes > 0 && EVP_Digest(key, (size_t)key_bytes, hash, &len, EVP_sha256(), NULL) == 1 &&
        len == SETTINGS_PIN_BYTES && memcmp(hash, tls->settings->pin, SETTINGS_PIN_BYTES) == 0;
    OPENSSL_free(key);
    return is_same;
}

static bool is_of_host(const struct settings *settings, X509 *certificate) {
    if (settings->is_host_numeric) {
        return X509_check_ip_asc(certificate, settings->host, 0) == 1;
    }
    return X509_check_host(certificate, settings->host, strlen(settings->host),
                           X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

/* libwebsockets' own callback stays out of it. */
static int keep_verdict(int is_fine, X509_STORE_CTX *store) {
    (void)store;
    return is_fine;
}

/* Instead of the library's own verification, which it calls. */
static int verify(X509_STORE_CTX *store, void *argument) {
    struct tls *tls = argument;
    const struct settings *settings = tls->settings;
    char text[TLS_REASON_BYTES - 64];
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    tls->reason[0] = '\0';
    if (certificate == NULL) {
        return refuse(tls, store, X509_V_ERR_UNSPECIFIED, "there is none");
    }
    if (settings->has_pin && !is_pinned(tls, certificate)) {
        return refuse(tls, store, X509_V_ERR_APPLICATION_VERIFICATION,
                      "its key is not the pinned one");
    }
    if (settings->tls_do_not_validate) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    X509_STORE_CTX_set_verify_cb(store, keep_verdict);
    if (X509_verify_cert(store) != 1) {
        int code = X509_STORE_CTX_get_error(store);
        return refuse(tls, store, code, X509_verify_cert_error_string(code));
    }
    if (!is_of_host(settings, certificate)) {
        snprintf(text, sizeof(text), "it is not for %s", settings->host);
        return refuse(tls, store, X509_V_ERR_HOSTNAME_MISMATCH, text);
    }
    return 1;
}

/* libwebsockets puts a name of its own making into the greeting, also for addresses. */
static void name_server(const SSL *ssl, int where, int value) {
    (void)value;
    if ((where & SSL_CB_HANDSHAKE_START) != 0) {
        const struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
        const struct settings *settings = tls->settings;
        SSL_set_tlsext_host_name((SSL *)(uintptr_t)ssl,
                                 settings->is_host_numeric ? NULL : settings->host);
    }
}

static int fail(struct tls *tls, char *why, size_t why_bytes, const char *what, const char *name) {
    unsigned long code = ERR_get_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
    if (why != NULL && why_bytes > 0) {
        snprintf(why, why_bytes, "%s%s%s: %s", what, name != NULL ? " " : "",
                 name != NULL ? name : "", reason != NULL ? reason : "not usable");
    }
    ERR_clear_error();
    tls_finish(tls);
    return LG_CLIENT_ERROR_ARGUMENT;
}

int tls_init(struct tls *tls, const struct settings *settings, char *why, size_t why_bytes) {
    tls->settings = settings;
    ERR_clear_error();
    SSL_CTX *context = tls->context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) {
        return fail(tls, why, why_bytes, "TLS", NULL);
    }
    SSL_CTX_set_app_data(context, tls);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(context, verify, tls);
    SSL_CTX_set_info_callback(context, name_server);
    if (settings->tls_ca_file != NULL) {
        if (SSL_CTX_load_verify_file(context, settings->tls_ca_file) != 1) {
            return fail(tls, why, why_bytes, "tls_ca_file", settings->tls_ca_file);
        }
    } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
        return fail(tls, why, why_bytes, "the system's authorities", NULL);
    }
    if (settings->tls_cert_file != NULL) {
        if (SSL_CTX_use_certificate_chain_file(context, settings->tls_cert_file) != 1) {
            return fail(tls, why, why_bytes, "tls_cert_file", settings->tls_cert_file);
        }
        if (SSL_CTX_use_PrivateKey_file(context, settings->tls_key_file, SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_check_private_key(context) != 1) {
            return fail(tls, why, why_bytes, "tls_key_file", settings->tls_key_file);
        }
    }
    return LG_CLIENT_OK;
}

void tls_finish(struct tls *tls) {
    SSL_CTX_free(tls->context);
    tls->context = NULL;
}
