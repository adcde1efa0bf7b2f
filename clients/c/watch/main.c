/* leggio-watch: options, then watch.c. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/c/watch/watch.h"
#include "common/options.h"

enum { TOKEN_BYTES = 4096 };

static const struct option_row ROWS[] = {
    {"uri", OPTION_STRING, "URI", "ws://127.0.0.1:7100/rpc",
     .text = "server: ws://HOST:PORT/PATH or wss://…", .is_operand = true},
    {"output", OPTION_STRING, "PATH", "score.png", .letter = 'o',
     .text = "file to replace, or folder for one file a version"},
    {"scene", OPTION_STRING, "NAME", "scene", .letter = 's', .text = "scene to follow"},
    {"width", OPTION_INT, "PX", "0", 0, 16384, .letter = 'w', .text = "width, 0: the scene's own"},
    {"period", OPTION_DURATION, "TIME", "0", 0, 3600000000,
     .text = "least time between two pictures"},
    {"once", OPTION_FLAG, .letter = '1', .text = "end after the first picture"},
    {"quiet", OPTION_FLAG, .letter = 'q', .text = "no line for each picture"},
    {"token-file", OPTION_STRING, "FILE", .text = "file with the token that gives a role"},
    {"tls-ca", OPTION_STRING, "FILE", .text = "trust these authorities (PEM) and no others"},
    {"tls-cert", OPTION_STRING, "FILE", .text = "own certificate (PEM), with --tls-key"},
    {"tls-key", OPTION_STRING, "FILE", .text = "key of --tls-cert (PEM)"},
    {"tls-pin", OPTION_STRING, "SHA256", .text = "the server's public key must have this hash"},
    {"insecure", OPTION_FLAG, .text = "do not validate certificates: anyone may be the server"},
    {"heartbeat", OPTION_DURATION, "TIME", "5s", 50000, 600000000, .text = "between two pings"},
    {"give-up", OPTION_DURATION, "TIME", "0", 0, 86400000000,
     .text = "end when away for so long; 0: never"},
};

static const struct options_table TABLE = {
    .program = "leggio-watch",
    .summary = "Follows a scene of a score and writes each new picture to a file.",
    .rows = ROWS,
    .n_rows = sizeof(ROWS) / sizeof(ROWS[0]),
    .check = NULL,
};

/* The first line of a file. false: told on stderr. */
static bool read_token(const char *name, char token[TOKEN_BYTES]) {
    FILE *file = name != NULL ? fopen(name, "re") : NULL;
    token[0] = '\0';
    if (name == NULL) {
        return true;
    }
    if (file == NULL || fgets(token, TOKEN_BYTES, file) == NULL) {
        fprintf(stderr, "leggio-watch: --token-file %s: cannot be read or is empty\n", name);
    }
    if (file != NULL) {
        fclose(file);
    }
    token[strcspn(token, "\r\n")] = '\0';
    return token[0] != '\0';
}

static void fill(struct watch_options *watch, const struct options *options, const char *token) {
    struct lg_client_options *client = &watch->client;
    lg_client_options_init(client, sizeof(*client));
    int64_t give_up_ms = options_duration_us(options, "give-up") / 1000;
    client->uri = options_string(options, "uri");
    client->token = token[0] != '\0' ? token : NULL;
    client->register_info = "{\"program\":\"leggio-watch\"}";
    client->retry_first_connection = 1;
    client->reconnection_limit_ms = give_up_ms > 0 ? (int)give_up_ms : -1;
    client->heartbeat_ms = (int)(options_duration_us(options, "heartbeat") / 1000);
    client->max_message_bytes = (size_t)320 << 20; /* the largest picture that leggio-ws sends */
    client->tls_ca_file = options_string(options, "tls-ca");
    client->tls_cert_file = options_string(options, "tls-cert");
    client->tls_key_file = options_string(options, "tls-key");
    client->tls_pin_sha256 = options_string(options, "tls-pin");
    client->tls_do_not_validate = options_flag(options, "insecure") ? 1 : 0;
    watch->scene = options_string(options, "scene");
    watch->width = (uint32_t)options_int(options, "width");
    watch->period_ms = (uint32_t)(options_duration_us(options, "period") / 1000);
    watch->target = options_string(options, "output");
    watch->is_once = options_flag(options, "once");
    watch->is_quiet = options_flag(options, "quiet");
}

int main(int argc, char **argv) {
    static char token[TOKEN_BYTES];
    struct watch_options watch = {0};
    sigset_t signals;
    int status = 0;
    struct options *options = options_load(&TABLE, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    if (!read_token(options_string(options, "token-file"), token)) {
        options_destroy(options);
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    fill(&watch, options, token);
    status = watch_run(&watch);
    options_destroy(options);
    return status;
}
