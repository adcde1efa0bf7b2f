/* The pair in use, and those that it replaced: the library tells when a
 * handshake begins (http_tls_choose), not when it is over, so a replaced pair
 * is kept for a while. The callback has no argument of its own: hence the one
 * variable of this file.
 */
#include "gateway-http/server/http_tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"

enum { CHAIN_MAX = 16 };
#define KEPT_US (INT64_C(3600) * 1000000) /* longer than any --idle-time */

struct tls_pair {
    struct tls_pair *older;
    int64_t replaced_us;
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned n_chain;
    gnutls_privkey_t key;
};

static _Atomic(struct tls_pair *) in_use;

static void destroy_pair(struct tls_pair *pair) {
    for (unsigned i = 0; i < pair->n_chain; i++) {
        gnutls_pcert_deinit(&pair->chain[i]);
    }
    if (pair->key != NULL) {
        gnutls_privkey_deinit(pair->key);
    }
    free(pair);
}

static bool complain(const char *option, const char *path, const char *wanted, const char *reason) {
    lg_log(LG_LOG_ERROR, "http", "bad_tls_file", "option=%s file=%s expected=%s reason=%s", option,
           path, wanted, reason);
    return false;
}

static const char *reason_of(int code) {
    return code == GNUTLS_E_FILE_ERROR && errno != 0 ? strerror(errno) : gnutls_strerror(code);
}

static bool read_chain(struct tls_pair *pair, const char *path) {
    gnutls_datum_t text = {NULL, 0};
    unsigned n_chain = CHAIN_MAX;
    errno = 0;
    int code = gnutls_load_file(path, &text);
    if (code == 0) {
        code =
            gnutls_pcert_list_import_x509_raw(pair->chain, &n_chain, &text, GNUTLS_X509_FMT_PEM, 0);
        gnutls_free(text.data);
    }
    pair->n_chain = code == 0 ? n_chain : 0;
    return code == 0 || complain("--tls-cert", path, "certificates in PEM", reason_of(code));
}

static bool read_key(struct tls_pair *pair, const char *path) {
    gnutls_datum_t text = {NULL, 0};
    errno = 0;
    int code = gnutls_load_file(path, &text);
    if (code == 0) {
        code = gnutls_privkey_init(&pair->key);
        code = code != 0
                   ? code
                   : gnutls_privkey_import_x509_raw(pair->key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
        gnutls_memset(text.data, 0, text.size);
        gnutls_free(text.data);
    }
    return code == 0 || complain("--tls-key", path, "a private key in PEM", reason_of(code));
}

/* Do both have the same public key? */
static bool belong_together(const struct tls_pair *pair, const char *key_path) {
    unsigned char of_key[64], of_chain[64];
    size_t key_size = sizeof of_key, chain_size = sizeof of_chain;
    gnutls_pubkey_t public_key = NULL;
    bool is_same =
        gnutls_pubkey_init(&public_key) == 0 &&
        gnutls_pubkey_import_privkey(public_key, pair->key, 0, 0) == 0 &&
        gnutls_pubkey_get_key_id(public_key, GNUTLS_KEYID_USE_SHA256, of_key, &key_size) == 0 &&
        gnutls_pubkey_get_key_id(pair->chain[0].pubkey, GNUTLS_KEYID_USE_SHA256, of_chain,
                                 &chain_size) == 0 &&
        key_size == chain_size && gnutls_memcmp(of_key, of_chain, key_size) == 0;
    if (public_key != NULL) {
        gnutls_pubkey_deinit(public_key);
    }
    return is_same || complain("--tls-key", key_path, "the key of the certificate",
                               "they do not belong together");
}

/* Free what no handshake can still be using. */
static void forget_old(struct tls_pair *newest, int64_t now_us) {
    struct tls_pair **at = &newest->older;
    while (*at != NULL && now_us - (*at)->replaced_us <= KEPT_US) {
        at = &(*at)->older;
    }
    struct tls_pair *pair = *at;
    *at = NULL;
    while (pair != NULL) {
        struct tls_pair *older = pair->older;
        destroy_pair(pair);
        pair = older;
    }
}

bool http_tls_load(const char *cert_path, const char *key_path) {
    struct tls_pair *pair = calloc(1, sizeof *pair);
    if (pair == NULL) {
        return complain("--tls-cert", cert_path, "memory", "out of memory");
    }
    if (!read_chain(pair, cert_path) || !read_key(pair, key_path) ||
        !belong_together(pair, key_path)) {
        destroy_pair(pair);
        return false;
    }
    int64_t now_us = lg_clock_us();
    pair->older = atomic_load(&in_use);
    if (pair->older != NULL) {
        pair->older->replaced_us = now_us;
    }
    atomic_store(&in_use, pair);
    forget_old(pair, now_us);
    return true;
}

void http_tls_finish(void) {
    struct tls_pair *pair = atomic_exchange(&in_use, NULL);
    if (pair != NULL) {
        forget_old(pair, INT64_MAX);
        destroy_pair(pair);
    }
}

int http_tls_choose(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
                    const gnutls_pk_algorithm_t *algorithms, int n_algorithms,
                    gnutls_pcert_st **chain, unsigned *n_chain, gnutls_privkey_t *key) {
    (void)session;
    (void)authorities;
    (void)n_authorities;
    (void)algorithms;
    (void)n_algorithms;
    struct tls_pair *pair = atomic_load(&in_use);
    *chain = pair->chain;
    *n_chain = pair->n_chain;
    *key = pair->key;
    return 0;
}
