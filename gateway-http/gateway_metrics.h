/* What the admin endpoint tells of this gateway's connections; brought up to
 * date once a second. */
#ifndef LEGGIO_GATEWAY_HTTP_GATEWAY_METRICS_H
#define LEGGIO_GATEWAY_HTTP_GATEWAY_METRICS_H

struct http_server;

void gateway_metrics_publish(const struct http_server *server);

#endif
