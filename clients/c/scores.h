/* The list of subscriptions, shared by scores.c (what comes) and subscriptions.c (what the program
 * wants). All …_locked under the client's lock. */
#ifndef LEGGIO_CLIENTS_C_SCORES_H
#define LEGGIO_CLIENTS_C_SCORES_H

#include "clients/c/client_private.h"

struct scores_version {
    bool is_set;
    uint64_t epoch, version;
};

struct subscription {
    struct subscription *next; /* newest first: it is the one that counts for its scene */
    uint64_t serial;
    char *scene;
    struct lg_client_subscription given; /* scene is not used */
    bool is_asked;                       /* the program waits for the first answer */
    bool is_made;                        /* the server's session has it */
    bool is_renewing;                    /* asked again by the client itself */
    bool is_ended;                       /* refused; here only until the program is told */
    struct scores_version seen;          /* newest frame handed on */
    struct scores_version noticed;       /* newest notice handed on */
};

struct subscription *scores_find_locked(struct lg_client *client, const char *scene);
struct subscription *scores_find_serial_locked(struct lg_client *client, uint64_t serial);
/* Out of the list and freed. */
void scores_remove_locked(struct lg_client *client, struct subscription *subscription);
/* Params of `subscribe`; NULL: no memory. */
char *scores_params(const struct subscription *subscription);

#endif
