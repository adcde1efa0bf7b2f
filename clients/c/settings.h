/* What the options of a client say, checked and copied. */
#ifndef LEGGIO_CLIENTS_C_SETTINGS_H
#define LEGGIO_CLIENTS_C_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/c/leggio_client.h"

enum {
    SETTINGS_REGISTER_INFO_BYTES = 4096,
    SETTINGS_PIN_BYTES = 32,
    SETTINGS_WAITING = 10000, /* requests without answer, and notifications unsent */
    SETTINGS_HEARTBEAT_MIN_MS = 50,
    SETTINGS_HEARTBEAT_MAX_MS = 600000,
    SETTINGS_PING_TIMEOUT_MIN_MS = 2000,
    SETTINGS_BACK_OFF_MIN_MS = 500,
    SETTINGS_BACK_OFF_MAX_MS = 30000,
    SETTINGS_STEADY_MS = 5000, /* a connection that lasts this long makes the back-off start anew */
    SETTINGS_CLOSE_SESSION_MS = 2000,
    SETTINGS_CLOSE_FRAME_MS = 200
};

struct settings {
    char *uri, *host, *path; /* host: without brackets; path: with query */
    char *host_header;
    uint16_t port;
    bool is_tls;
    bool is_host_numeric;
    char *session_id, *token, *register_info;
    int connection_timeout_ms, idle_timeout_ms, request_timeout_ms, heartbeat_ms;
    int reconnection_limit_ms;
    bool retry_first_connection;
    size_t max_message_bytes;
    char *tls_ca_file, *tls_cert_file, *tls_key_file;
    bool has_pin;
    unsigned char pin[SETTINGS_PIN_BYTES];
    bool tls_do_not_validate;
    struct lg_client_listener listener;
    lg_client_call_fn on_call;
    lg_client_log_fn log;
    void *user;
};

/* Fills settings, which must be zeroed. LG_CLIENT_OK, or a code after which why tells the option
 * and what was expected; settings_finish is due either way. */
int settings_load(struct settings *settings, const struct lg_client_options *options, char *why,
                  size_t why_bytes);
void settings_finish(struct settings *settings);

/* One line for people, by the log function or on stderr. Any thread. */
void settings_log(const struct settings *settings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
