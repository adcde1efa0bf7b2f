/* The address of the session store. Its password comes from a file: command lines
 * and environments are read by others. */
#include "gateway-ws/store/store_options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/options.h"

enum { DB_MAX = 9999 };

static bool is_wrong(char *why, size_t size_bytes, const char *what) {
    snprintf(why, size_bytes, "--session-store: %s; expected redis://[USER@]HOST[:PORT][/DB]",
             what);
    return false;
}

bool store_options_parse(const char *url, struct redis_options *redis, char *why,
                         size_t size_bytes) {
    static const char SCHEME[] = "redis://";
    char place[300];
    struct options_hostport at;
    if (strncmp(url, SCHEME, sizeof SCHEME - 1) != 0) {
        return is_wrong(why, size_bytes, "not a redis:// address");
    }
    const char *rest = url + sizeof SCHEME - 1;
    const char *host = strrchr(rest, '@');
    size_t user_len = host != NULL ? (size_t)(host - rest) : 0;
    host = host != NULL ? host + 1 : rest;
    if (memchr(rest, ':', user_len) != NULL) {
        return is_wrong(why, size_bytes,
                        "a password does not belong here, give --session-store-password FILE");
    }
    size_t host_len = strcspn(host, "/");
    int64_t db = 0;
    if (host[host_len] == '/' && host[host_len + 1] != '\0' &&
        (!options_parse_int(host + host_len + 1, &db) || db < 0 || db > DB_MAX)) {
        return is_wrong(why, size_bytes, "the database is a number");
    }
    if (user_len >= sizeof redis->user || host_len == 0 || host_len + 8 > sizeof place) {
        return is_wrong(why, size_bytes, "no host, or too long");
    }
    const char *after_brackets = memchr(host, ']', host_len);
    const char *port_from = after_brackets != NULL ? after_brackets : host;
    bool has_port = memchr(port_from, ':', host_len - (size_t)(port_from - host)) != NULL;
    snprintf(place, sizeof place, has_port ? "%.*s" : "%.*s:6379", (int)host_len, host);
    if (!options_parse_hostport(place, &at) || at.host[0] == '\0' || at.port == 0) {
        return is_wrong(why, size_bytes, "bad host or port");
    }
    snprintf(redis->host, sizeof redis->host, "%s", at.host);
    snprintf(redis->user, sizeof redis->user, "%.*s", (int)user_len, rest);
    redis->port = at.port;
    redis->db = (int)db;
    return true;
}

int store_options_check(const struct options *options, char *why, size_t size_bytes) {
    struct redis_options redis = {0};
    const char *url = options_string(options, "session-store");
    return url == NULL || store_options_parse(url, &redis, why, size_bytes) ? 0 : -1;
}

bool store_options_read_password(const char *path, struct redis_options *redis) {
    FILE *file = fopen(path, "re");
    bool is_read = file != NULL && fgets(redis->password, sizeof redis->password, file) != NULL;
    if (is_read) {
        redis->password[strcspn(redis->password, "\r\n")] = '\0';
        is_read = redis->password[0] != '\0';
    }
    if (!is_read) {
        lg_log(LG_LOG_ERROR, "store", "bad_password_file", "file=%s reason=%s", path,
               file == NULL ? strerror(errno) : "empty");
    }
    if (file != NULL) {
        fclose(file);
    }
    return is_read;
}
