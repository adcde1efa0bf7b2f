/* Tokens: making, looking up, reading again. The file's grammar is in
 * auth_file.c. */
#include "common/access/auth_tokens.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/auth_file.h"
#include "common/err.h"
#include "common/log.h"
#include "common/options.h"

/* Not a secret: it keeps our hashes apart from those of other programs. */
static const unsigned char HASH_KEY[] = "leggio access token";

struct auth_tokens {
    char *path;
    pthread_mutex_t lock; /* table */
    struct auth_table table;
};

/* -- one token ---------------------------------------------------------- */

static bool has_token_form(const char *token) {
    static const char ALPHABET[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t prefix_len = sizeof AUTH_TOKEN_PREFIX - 1;
    size_t len =
        sodium_base64_ENCODED_LEN(AUTH_TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING) - 1;
    return strncmp(token, AUTH_TOKEN_PREFIX, prefix_len) == 0 &&
           strspn(token + prefix_len, ALPHABET) == len && token[prefix_len + len] == '\0';
}

static void hash_token(const char *token, uint8_t hash[AUTH_HASH_BYTES]) {
    crypto_generichash(hash, AUTH_HASH_BYTES, (const unsigned char *)token, strlen(token), HASH_KEY,
                       sizeof HASH_KEY - 1);
}

void auth_token_make(char token[AUTH_TOKEN_ROOM], char hash[AUTH_HASH_TEXT_ROOM]) {
    uint8_t bytes[AUTH_TOKEN_BYTES], digest[AUTH_HASH_BYTES];
    size_t prefix_len = sizeof AUTH_TOKEN_PREFIX - 1;
    randombytes_buf(bytes, sizeof bytes);
    memcpy(token, AUTH_TOKEN_PREFIX, prefix_len + 1);
    sodium_bin2base64(token + prefix_len, AUTH_TOKEN_ROOM - prefix_len, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    hash_token(token, digest);
    memcpy(hash, AUTH_HASH_PREFIX, sizeof AUTH_HASH_PREFIX);
    sodium_bin2hex(hash + sizeof AUTH_HASH_PREFIX - 1, 2 * AUTH_HASH_BYTES + 1, digest,
                   sizeof digest);
}

/* -- looking up ----------------------------------------------------------- */

/* Every line is compared, found or not. */
static const struct auth_entry *find_locked(const struct auth_table *table,
                                            const uint8_t hash[AUTH_HASH_BYTES]) {
    const struct auth_entry *found = NULL;
    for (size_t i = 0; i < table->n_entries; i++) {
        if (sodium_memcmp(table->entries[i].hash, hash, AUTH_HASH_BYTES) == 0) {
            found = &table->entries[i];
        }
    }
    return found;
}

void auth_tokens_find(struct auth_tokens *tokens, const char *token, struct auth_grant *grant) {
    uint8_t hash[AUTH_HASH_BYTES];
    memset(grant, 0, sizeof *grant);
    if (token != NULL && !has_token_form(token)) {
        return;
    }
    if (token != NULL) {
        hash_token(token, hash);
    }
    pthread_mutex_lock(&tokens->lock);
    const struct auth_entry *entry = token != NULL ? find_locked(&tokens->table, hash) : NULL;
    if (entry != NULL) {
        grant->role = entry->role;
        grant->token_id = auth_entry_id(entry);
        memcpy(grant->label, entry->label, sizeof grant->label);
    } else if (token == NULL) {
        grant->role = tokens->table.anonymous;
    }
    pthread_mutex_unlock(&tokens->lock);
}

enum auth_role auth_tokens_role(struct auth_tokens *tokens, uint64_t token_id) {
    pthread_mutex_lock(&tokens->lock);
    enum auth_role role = token_id == 0 ? tokens->table.anonymous : AUTH_NONE;
    for (size_t i = 0; token_id != 0 && i < tokens->table.n_entries; i++) {
        if (auth_entry_id(&tokens->table.entries[i]) == token_id) {
            role = tokens->table.entries[i].role;
        }
    }
    pthread_mutex_unlock(&tokens->lock);
    return role;
}

size_t auth_tokens_count(struct auth_tokens *tokens) {
    pthread_mutex_lock(&tokens->lock);
    size_t n = tokens->table.n_entries;
    pthread_mutex_unlock(&tokens->lock);
    return n;
}

/* -- life ------------------------------------------------------------------ */

struct auth_tokens *auth_tokens_load(const char *path, char *why, size_t size_bytes) {
    struct auth_table table = {0};
    if (sodium_init() < 0) {
        snprintf(why, size_bytes, "the system gives no random numbers");
        return NULL;
    }
    if (auth_file_read(path, &table, why, size_bytes) != LG_OK) {
        return NULL;
    }
    struct auth_tokens *tokens = calloc(1, sizeof *tokens);
    if (tokens == NULL || (tokens->path = strdup(path)) == NULL) {
        snprintf(why, size_bytes, "out of memory");
        free(tokens);
        auth_table_finish(&table);
        return NULL;
    }
    pthread_mutex_init(&tokens->lock, NULL);
    tokens->table = table;
    return tokens;
}

void auth_tokens_destroy(struct auth_tokens *tokens) {
    if (tokens == NULL) {
        return;
    }
    auth_table_finish(&tokens->table);
    pthread_mutex_destroy(&tokens->lock);
    free(tokens->path);
    free(tokens);
}

int auth_tokens_reload(struct auth_tokens *tokens) {
    struct auth_table table = {0};
    char why[512];
    if (tokens == NULL) {
        return LG_OK;
    }
    auth_file_warn(tokens->path);
    if (auth_file_read(tokens->path, &table, why, sizeof why) != LG_OK) {
        lg_log(LG_LOG_ERROR, "auth", "not_reloaded", "why=%s kept_tokens=%zu", why,
               auth_tokens_count(tokens));
        return LG_EBADREQUEST;
    }
    pthread_mutex_lock(&tokens->lock);
    struct auth_table old = tokens->table;
    tokens->table = table;
    pthread_mutex_unlock(&tokens->lock);
    auth_table_finish(&old);
    lg_log(LG_LOG_INFO, "auth", "reloaded", "tokens=%zu anonymous=%s", table.n_entries,
           auth_role_name(table.anonymous));
    return LG_OK;
}

/* -- options ----------------------------------------------------------------- */

int auth_options_check(const struct options *options, char *why, size_t size_bytes) {
    const char *path = options_string(options, "auth");
    if (path == NULL) {
        return 0;
    }
    if (options_flag(options, "open")) {
        snprintf(why, size_bytes,
                 "--auth and --open exclude each other: to let everybody "
                 "conduct, write `anonymous conduct` into %s",
                 path);
        return -1;
    }
    char reason[512];
    struct auth_tokens *tokens = auth_tokens_load(path, reason, sizeof reason);
    if (tokens == NULL) {
        snprintf(why, size_bytes, "--auth: %s", reason);
        return -1;
    }
    auth_tokens_destroy(tokens);
    return 0;
}

bool auth_options_load(const struct options *options, struct auth_tokens **tokens) {
    const char *path = options_string(options, "auth");
    char why[512];
    *tokens = NULL;
    if (path == NULL) {
        return true;
    }
    *tokens = auth_tokens_load(path, why, sizeof why);
    if (*tokens == NULL) {
        lg_log(LG_LOG_ERROR, "auth", "not_loaded", "why=%s", why);
        return false;
    }
    auth_file_warn(path);
    struct auth_grant nobody;
    auth_tokens_find(*tokens, NULL, &nobody);
    lg_log(LG_LOG_INFO, "auth", "loaded", "tokens=%zu anonymous=%s", auth_tokens_count(*tokens),
           auth_role_name(nobody.role));
    return true;
}
