/* Options → settings: defaults, ranges, the address, the pin. */
#include "clients/c/settings.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

enum { HOST_BYTES = 253, URI_BYTES = 4096, LOG_LINE_BYTES = 1024 };

void lg_client_options_init(struct lg_client_options *options, size_t size_bytes) {
    struct lg_client_options defaults = {
        .size_bytes = size_bytes,
        .connection_timeout_ms = 5000,
        .idle_timeout_ms = 300000,
        .request_timeout_ms = 60000,
        .heartbeat_ms = 5000,
        .reconnection_limit_ms = 300000,
        .max_message_bytes = (size_t)64 << 20,
    };
    size_t n = size_bytes < sizeof(defaults) ? size_bytes : sizeof(defaults);
    memset(options, 0, size_bytes);
    memcpy(options, &defaults, n);
}

static int bad(char *why, size_t why_bytes, const char *text) {
    if (why != NULL && why_bytes > 0) {
        snprintf(why, why_bytes, "%s", text);
    }
    return LG_CLIENT_ERROR_ARGUMENT;
}

/* Copies of texts; NULL stays NULL. */
static int copy_text(char **copy, const char *text) {
    if (text == NULL) {
        return LG_CLIENT_OK;
    }
    if (lg_utf8_len(text, strlen(text)) != strlen(text)) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    *copy = strdup(text);
    return *copy != NULL ? LG_CLIENT_OK : LG_CLIENT_ERROR_MEMORY;
}

static bool is_host_text(const char *host, size_t len, bool is_bracketed) {
    static const char NAME[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    static const char ADDRESS[] = "0123456789abcdefABCDEF:.%-_ghijklmnopqrstuvwxyz";
    return len > 0 && len <= HOST_BYTES && strspn(host, is_bracketed ? ADDRESS : NAME) >= len;
}

static bool is_numeric(const char *host) {
    unsigned char address[16];
    return strchr(host, ':') != NULL || inet_pton(AF_INET, host, address) == 1;
}

/* ":PORT" or nothing, then the end, '/' or '?'. Returns what follows, NULL when wrong. */
static const char *read_port(const char *at, uint16_t *port) {
    if (*at == ':') {
        unsigned value = 0;
        const char *digits = ++at;
        while (*at >= '0' && *at <= '9' && value <= 65535) {
            value = value * 10 + (unsigned)(*at++ - '0');
        }
        if (at == digits || value == 0 || value > 65535) {
            return NULL;
        }
        *port = (uint16_t)value;
    }
    return *at == '\0' || *at == '/' || *at == '?' ? at : NULL;
}

static int make_texts(struct settings *settings, const char *host, size_t len, const char *rest) {
    size_t path_bytes = strlen(rest) + 2;
    size_t header_bytes = len + 16;
    bool is_usual = settings->port == (settings->is_tls ? 443 : 80);
    settings->host = strndup(host, len);
    settings->path = malloc(path_bytes);
    settings->host_header = malloc(header_bytes);
    if (settings->host == NULL || settings->path == NULL || settings->host_header == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    settings->is_host_numeric = is_numeric(settings->host);
    snprintf(settings->path, path_bytes, "%s%s", rest[0] == '/' ? "" : "/", rest);
    bool is_v6 = strchr(settings->host, ':') != NULL;
    int used = snprintf(settings->host_header, header_bytes, is_v6 ? "[%s]" : "%s", settings->host);
    if (!is_usual) {
        snprintf(settings->host_header + used, header_bytes - (size_t)used, ":%u",
                 (unsigned)settings->port);
    }
    return LG_CLIENT_OK;
}

static int load_uri(struct settings *settings, const char *uri, char *why, size_t why_bytes) {
    const char *expected = "uri: expected ws://HOST[:PORT]/PATH or wss://HOST[:PORT]/PATH";
    if (uri == NULL || strlen(uri) > URI_BYTES || strpbrk(uri, " \t\r\n#") != NULL) {
        return bad(why, why_bytes, expected);
    }
    settings->is_tls = strncmp(uri, "wss://", 6) == 0;
    if (!settings->is_tls && strncmp(uri, "ws://", 5) != 0) {
        return bad(why, why_bytes, expected);
    }
    const char *host = uri + (settings->is_tls ? 6 : 5);
    bool is_bracketed = *host == '[';
    host += is_bracketed ? 1 : 0;
    size_t len = strcspn(host, is_bracketed ? "]" : ":/?");
    const char *at = host + len;
    if (!is_host_text(host, len, is_bracketed) || (is_bracketed && *at++ != ']')) {
        return bad(why, why_bytes, "uri: expected a host name or address after ws:// or wss://");
    }
    settings->port = settings->is_tls ? 443 : 80;
    at = read_port(at, &settings->port);
    if (at == NULL) {
        return bad(why, why_bytes, "uri: expected a port from 1 to 65535 after the ':'");
    }
    int status = copy_text(&settings->uri, uri);
    if (status == LG_CLIENT_ERROR_ARGUMENT) {
        return bad(why, why_bytes, "uri: expected UTF-8");
    }
    return status == LG_CLIENT_OK ? make_texts(settings, host, len, at) : status;
}

static int load_numbers(struct settings *settings, const struct lg_client_options *options,
                        char *why, size_t why_bytes) {
    if (options->connection_timeout_ms < 1) {
        return bad(why, why_bytes, "connection_timeout_ms: expected at least 1");
    }
    if (options->idle_timeout_ms < 0 || options->request_timeout_ms < 0) {
        return bad(why, why_bytes, "idle_timeout_ms, request_timeout_ms: expected 0 or more");
    }
    if (options->heartbeat_ms != 0 && (options->heartbeat_ms < SETTINGS_HEARTBEAT_MIN_MS ||
                                       options->heartbeat_ms > SETTINGS_HEARTBEAT_MAX_MS)) {
        return bad(why, why_bytes, "heartbeat_ms: expected 0 or 50 to 600000");
    }
    if (options->reconnection_limit_ms < -1) {
        return bad(why, why_bytes, "reconnection_limit_ms: expected -1 (for ever) or more");
    }
    if (options->max_message_bytes < 1024) {
        return bad(why, why_bytes, "max_message_bytes: expected at least 1024");
    }
    settings->connection_timeout_ms = options->connection_timeout_ms;
    settings->idle_timeout_ms = options->idle_timeout_ms;
    settings->request_timeout_ms = options->request_timeout_ms;
    settings->heartbeat_ms = options->heartbeat_ms;
    settings->reconnection_limit_ms = options->reconnection_limit_ms;
    settings->retry_first_connection = options->retry_first_connection != 0;
    settings->max_message_bytes = options->max_message_bytes;
    return LG_CLIENT_OK;
}

static int digit_value(char digit) {
    static const char DIGITS[] = "0123456789abcdef";
    const char *at = digit != '\0' ? strchr(DIGITS, digit | (digit > '9' ? 0x20 : 0)) : NULL;
    return at != NULL ? (int)(at - DIGITS) : -1;
}

static int load_pin(struct settings *settings, const char *text, char *why, size_t why_bytes) {
    if (text == NULL) {
        return LG_CLIENT_OK;
    }
    bool is_fine = strlen(text) == 2 * SETTINGS_PIN_BYTES;
    for (size_t i = 0; is_fine && i < SETTINGS_PIN_BYTES; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
        is_fine = high >= 0 && low >= 0;
        settings->pin[i] = (unsigned char)((high * 16 + low) & 0xff);
    }
    settings->has_pin = is_fine;
    return is_fine ? LG_CLIENT_OK
                   : bad(why, why_bytes, "tls_pin_sha256: expected 64 hexadecimal digits");
}

static int load_tls(struct settings *settings, const struct lg_client_options *options, char *why,
                    size_t why_bytes) {
    if ((options->tls_cert_file != NULL) != (options->tls_key_file != NULL)) {
        return bad(why, why_bytes, "tls_cert_file, tls_key_file: expected both or neither");
    }
    settings->tls_do_not_validate = options->tls_do_not_validate != 0;
    int status = load_pin(settings, options->tls_pin_sha256, why, why_bytes);
    const char *texts[] = {options->tls_ca_file, options->tls_cert_file, options->tls_key_file};
    char **copies[] = {&settings->tls_ca_file, &settings->tls_cert_file, &settings->tls_key_file};
    for (size_t i = 0; status == LG_CLIENT_OK && i < 3; i++) {
        *copies[i] = texts[i] != NULL ? strdup(texts[i]) : NULL; /* names of files: any bytes */
        status = texts[i] == NULL || *copies[i] != NULL ? LG_CLIENT_OK : LG_CLIENT_ERROR_MEMORY;
    }
    return status;
}

static int load_session(struct settings *settings, const struct lg_client_options *options,
                        char *why, size_t why_bytes) {
    if (options->register_info != NULL) {
        json_t *info = json_loads(options->register_info, 0, NULL);
        bool is_fine =
            json_is_object(info) && strlen(options->register_info) <= SETTINGS_REGISTER_INFO_BYTES;
        json_decref(info);
        if (!is_fine) {
            return bad(why, why_bytes,
                       "register_info: expected a JSON object of at most 4096 bytes");
        }
    }
    const char *texts[] = {options->session_id, options->token, options->register_info};
    char **copies[] = {&settings->session_id, &settings->token, &settings->register_info};
    for (size_t i = 0; i < 3; i++) {
        int status = copy_text(copies[i], texts[i]);
        if (status == LG_CLIENT_ERROR_ARGUMENT) {
            return bad(why, why_bytes, "session_id, token: expected UTF-8");
        }
        if (status != LG_CLIENT_OK) {
            return status;
        }
    }
    return LG_CLIENT_OK;
}

int settings_load(struct settings *settings, const struct lg_client_options *given, char *why,
                  size_t why_bytes) {
    struct lg_client_options options;
    if (why != NULL && why_bytes > 0) {
        why[0] = '\0';
    }
    if (given == NULL || given->size_bytes < sizeof(given->size_bytes)) {
        return bad(why, why_bytes, "options: expected a struct made by lg_client_options_init");
    }
    lg_client_options_init(&options, sizeof(options));
    memcpy(&options, given,
           given->size_bytes < sizeof(options) ? given->size_bytes : sizeof(options));
    settings->listener = options.listener;
    settings->on_call = options.on_call;
    settings->log = options.log;
    settings->user = options.user;
    int status = load_uri(settings, options.uri, why, why_bytes);
    if (status == LG_CLIENT_OK) {
        status = load_numbers(settings, &options, why, why_bytes);
    }
    if (status == LG_CLIENT_OK) {
        status = load_session(settings, &options, why, why_bytes);
    }
    if (status == LG_CLIENT_OK) {
        status = load_tls(settings, &options, why, why_bytes);
    }
    if (status == LG_CLIENT_ERROR_MEMORY) {
        bad(why, why_bytes, "out of memory");
    }
    return status;
}

void settings_finish(struct settings *settings) {
    char *texts[] = {settings->uri,           settings->host,        settings->path,
                     settings->host_header,   settings->session_id,  settings->token,
                     settings->register_info, settings->tls_ca_file, settings->tls_cert_file,
                     settings->tls_key_file};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        free(texts[i]);
    }
    memset(settings, 0, sizeof(*settings));
}

void settings_log(const struct settings *settings, const char *format, ...) {
    char line[LOG_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (settings->log != NULL) {
        settings->log(line, settings->user);
    } else {
        fprintf(stderr, "leggio-client: %s\n", line);
    }
}
