/* A JSON-RPC server that sends back what it gets: one message a line. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "common/jsonrpc/jsonrpc.h"

static void echo(struct jsonrpc_transaction *transaction, json_t *params) {
    jsonrpc_respond(transaction, json_incref(params));
}

static const struct jsonrpc_method METHODS[] = {{.name = "echo", .handle = echo}};

static void send_line(void *ctx, const char *text, size_t size_bytes) {
    (void)ctx;
    printf("%.*s\n", (int)size_bytes, text);
}

int main(void) {
    struct jsonrpc_options options = jsonrpc_options_default();
    struct jsonrpc_link link = {.send = send_line};
    char *line = NULL;
    size_t room = 0;
    options.methods = METHODS;
    options.n_methods = 1;
    struct jsonrpc_server *server = jsonrpc_server_create(&options);
    struct jsonrpc_transport *transport = jsonrpc_transport_open(server, &link, 0);
    for (ssize_t n; (n = getline(&line, &room, stdin)) > 0; fflush(stdout)) {
        jsonrpc_transport_receive(transport, line, (size_t)n);
    }
    jsonrpc_transport_closed(transport, "end of input");
    jsonrpc_server_destroy(server);
    free(line);
}
