/* The tables behind admission.h. */
#include "gateway-http/server/admission.h"

#include <stdlib.h>

#include "common/access/peers.h"
#include "common/access/rate_limit.h"
#include "common/clock.h"
#include "common/gateways/shared_options.h"

struct admission {
    struct peer_nets proxies;
    struct peers *peers;
    unsigned max_per_address;
    struct rate_limit *accepts, *requests, *changes;
};

struct admission *admission_create(const struct options *options) {
    struct admission *admission = calloc(1, sizeof *admission);
    if (admission == NULL) {
        return NULL;
    }
    peer_nets_load(options, &admission->proxies);
    admission->max_per_address = (unsigned)options_int(options, "max-per-address");
    admission->peers = peers_create();
    admission->accepts = shared_options_rate(options, "max-accepts");
    admission->requests = shared_options_rate(options, "max-address-requests");
    admission->changes = shared_options_rate(options, "max-changes");
    if (admission->peers == NULL || admission->accepts == NULL || admission->requests == NULL ||
        admission->changes == NULL) {
        admission_destroy(admission);
        return NULL;
    }
    return admission;
}

void admission_destroy(struct admission *admission) {
    if (admission != NULL) {
        peers_destroy(admission->peers);
        rate_limit_destroy(admission->accepts);
        rate_limit_destroy(admission->requests);
        rate_limit_destroy(admission->changes);
        free(admission);
    }
}

bool admission_enter(struct admission *admission, const struct sockaddr *address,
                     struct peer **peer, enum http_limit *limit) {
    uint64_t key = peer_key(address);
    *peer = NULL;
    if (peer_nets_contain(&admission->proxies, address)) {
        return true;
    }
    if (!rate_limit_take(admission->accepts, key, lg_clock_us(), NULL)) {
        *limit = HTTP_MAX_ACCEPTS;
        return false;
    }
    *peer = peers_enter(admission->peers, key, admission->max_per_address);
    *limit = HTTP_MAX_PER_ADDRESS;
    return *peer != NULL;
}

void admission_leave(struct admission *admission, struct peer *peer) {
    peers_leave(admission->peers, peer);
}

bool admission_take(struct admission *admission, const struct admission_request *request,
                    enum http_limit *limit, int *wait_s) {
    uint64_t key = peer_key_behind(&admission->proxies, request->peer, request->forwarded_for);
    int64_t now_us = lg_clock_us(), wait_us = 0;
    *limit = HTTP_MAX_ADDRESS_REQUESTS;
    bool may = rate_limit_take(admission->requests, key, now_us, &wait_us);
    if (may && request->is_change) {
        /* Who shows a token is counted by it: the audience behind the same router costs
         * it nothing. */
        uint64_t who = request->token_id != 0 ? request->token_id : key;
        *limit = HTTP_MAX_CHANGES;
        may = rate_limit_take(admission->changes, who, now_us, &wait_us);
    }
    *wait_s = (int)(wait_us / 1000000) + 1;
    return may;
}
