/* Parsing and printing of the INScore dialect. */
#include "gateway-ws/inscore_json.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "proto/limits.h"

static const char STATUS_OK_TAIL[] = "\"status\":\"OK\",";

/* -- requests ------------------------------------------------------------ */

/* One step of a scan that knows strings: returns the depth after byte c. */
struct scan {
    int depth;
    bool is_in_string;
    bool is_escaped;
};

static void scan_byte(struct scan *scan, char c) {
    if (scan->is_in_string) {
        if (scan->is_escaped) {
            scan->is_escaped = false;
        } else if (c == '\\') {
            scan->is_escaped = true;
        } else if (c == '"') {
            scan->is_in_string = false;
        }
    } else if (c == '"') {
        scan->is_in_string = true;
    } else if (c == '{' || c == '[') {
        scan->depth++;
    } else if (c == '}' || c == ']') {
        scan->depth--;
    }
}

static bool is_too_deep(const char *text, size_t size_bytes) {
    struct scan scan = {0};
    for (size_t i = 0; i < size_bytes; i++) {
        scan_byte(&scan, text[i]);
        if (scan.depth > LIMIT_JSON_DEPTH) {
            return true;
        }
    }
    return false;
}

/* Members of the outer object by key text; a hundred are plenty (unknown
 * members are ignored anyway, and only the first of each name is looked for). */
enum { KEYS_MAX = 128 };

struct key_span {
    const char *text;
    size_t len;
};

static bool is_known_key(const struct key_span *keys, size_t n_keys, struct key_span key) {
    for (size_t i = 0; i < n_keys; i++) {
        if (keys[i].len == key.len && memcmp(keys[i].text, key.text, key.len) == 0) {
            return true;
        }
    }
    return false;
}

/* Overwrites later members of the outer object that repeat a key by spaces,
 * comma included: the library lets the last one win, INScore the first. */
static void blank_repeated_keys(char *text, size_t size_bytes) {
    struct key_span keys[KEYS_MAX];
    struct scan scan = {0};
    size_t n_keys = 0, member_start = 0, string_start = 0;
    bool has_key = false, is_repeated = false;
    for (size_t i = 0; i < size_bytes; i++) {
        bool was_in_string = scan.is_in_string;
        int was_depth = scan.depth;
        scan_byte(&scan, text[i]);
        if (was_depth == 1 && !was_in_string && scan.is_in_string) {
            string_start = i + 1;
        } else if (was_depth == 1 && was_in_string && !scan.is_in_string && !has_key) {
            struct key_span key = {text + string_start, i - string_start};
            has_key = true;
            is_repeated = is_known_key(keys, n_keys, key);
            if (!is_repeated && n_keys < KEYS_MAX) {
                keys[n_keys++] = key;
            }
        } else if (!was_in_string && was_depth == 1 && (text[i] == ',' || text[i] == '}')) {
            if (is_repeated) {
                memset(text + member_start, ' ', i - member_start);
            }
            member_start = i;
            has_key = is_repeated = false;
        }
    }
}

static json_t *load(const char *text, size_t size_bytes) {
    json_error_t error;
    json_t *root = json_loadb(text, size_bytes, JSON_REJECT_DUPLICATES, &error);
    if (root != NULL || json_error_code(&error) != json_error_duplicate_key) {
        return root;
    }
    char *copy = malloc(size_bytes);
    if (copy == NULL) {
        return NULL;
    }
    memcpy(copy, text, size_bytes);
    blank_repeated_keys(copy, size_bytes);
    root = json_loadb(copy, size_bytes, 0, &error);
    free(copy);
    return root;
}

static void read_id(struct inscore_request *request) {
    const json_t *id = json_object_get(request->root, "id");
    if (json_is_string(id) && json_string_length(id) <= INSCORE_ID_BYTES_MAX) {
        request->id = json_string_value(id);
    } else if (json_is_integer(id)) {
        snprintf(request->id_digits, sizeof(request->id_digits), "%" JSON_INTEGER_FORMAT,
                 json_integer_value(id));
        request->id = request->id_digits;
    }
}

static bool read_text(struct inscore_request *request, const char *key) {
    const json_t *text = json_object_get(request->root, key);
    if (!json_is_string(text)) {
        return false;
    }
    request->text = json_string_value(text);
    request->text_size_bytes = json_string_length(text);
    return true;
}

/* -1 counts as missing, as in INScore. */
static bool read_coordinate(const json_t *root, const char *key, int32_t *value) {
    const json_t *number = json_object_get(root, key);
    if (!json_is_integer(number)) {
        return false;
    }
    json_int_t wide = json_integer_value(number);
    if (wide < INT32_MIN || wide > INT32_MAX || wide == -1) {
        return false;
    }
    *value = (int32_t)wide;
    return true;
}

static enum inscore_method read_method(struct inscore_request *request) {
    static const struct {
        const char *name;
        enum inscore_method method;
    } METHODS[] = {
        {"version", INSCORE_VERSION}, {"image", INSCORE_IMAGE}, {"post", INSCORE_POST},
        {"click", INSCORE_CLICK},     {"hover", INSCORE_HOVER}, {"file", INSCORE_FILE},
        {"log", INSCORE_LOG},
    };
    const char *name = json_string_value(json_object_get(request->root, "method"));
    for (size_t i = 0; name != NULL && i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
        if (strcmp(name, METHODS[i].name) == 0) {
            return METHODS[i].method;
        }
    }
    return INSCORE_BAD;
}

static bool read_fields(struct inscore_request *request, enum inscore_method method) {
    switch (method) {
    case INSCORE_POST:
        return read_text(request, "data");
    case INSCORE_FILE:
        return read_text(request, "path");
    case INSCORE_CLICK:
    case INSCORE_HOVER:
        return read_coordinate(request->root, "x", &request->x) &&
               read_coordinate(request->root, "y", &request->y);
    default:
        return true;
    }
}

void inscore_parse(const char *text, size_t size_bytes, struct inscore_request *request) {
    memset(request, 0, sizeof(*request));
    request->id = "";
    request->text = "";
    if (is_too_deep(text, size_bytes)) {
        return;
    }
    request->root = load(text, size_bytes);
    if (!json_is_object(request->root)) {
        return;
    }
    read_id(request);
    enum inscore_method method = read_method(request);
    if (request->id[0] != '\0' && read_fields(request, method)) {
        request->method = method;
    }
}

void inscore_request_finish(struct inscore_request *request) {
    json_decref(request->root);
    memset(request, 0, sizeof(*request));
}

/* -- replies ------------------------------------------------------------- */

static json_t *lossy_string(const char *text, size_t size_bytes) {
    static const char REPLACEMENT[] = "\xef\xbf\xbd"; /* U+FFFD */
    json_t *string = json_stringn(text, size_bytes);
    if (string != NULL) {
        return string;
    }
    char *mended = malloc(size_bytes * 3 + 1);
    if (mended == NULL) {
        return NULL;
    }
    size_t used = 0;
    for (size_t at = 0; at < size_bytes;) {
        size_t good = lg_utf8_len(text + at, size_bytes - at);
        memcpy(mended + used, text + at, good);
        used += good;
        at += good;
        if (at < size_bytes) {
            memcpy(mended + used, REPLACEMENT, sizeof(REPLACEMENT) - 1);
            used += sizeof(REPLACEMENT) - 1;
            at++;
        }
    }
    string = json_stringn(mended, used);
    free(mended);
    return string;
}

/* {"id":…,"status":…[,key:value]}; takes over value. */
static char *print(const char *id, const char *status, const char *key, json_t *value) {
    json_t *root = json_object();
    char *text = NULL;
    int err = json_object_set_new(root, "id", json_string(id));
    err |= json_object_set_new(root, "status", json_string(status));
    if (key != NULL) {
        err |= json_object_set_new(root, key, value);
    }
    if (err == 0) {
        text = json_dumps(root, JSON_COMPACT);
    }
    json_decref(root);
    return text;
}

char *inscore_ok(const char *id) {
    return print(id, "OK", NULL, NULL);
}

char *inscore_error(const char *id, const char *error, size_t size_bytes) {
    return print(id, "ERROR", "error", lossy_string(error, size_bytes));
}

char *inscore_version(const char *id, uint64_t version) {
    return print(id, "OK", "version", json_integer((json_int_t)version));
}

char *inscore_log(const char *id, const char *log, size_t size_bytes) {
    return print(id, "OK", "log", lossy_string(log, size_bytes));
}

char *inscore_image_start(const char *id) {
    char *text = inscore_ok(id);
    if (text != NULL) {
        text[strlen(text) - 1] = ','; /* instead of the closing brace */
    }
    return text;
}

char *inscore_image_failed(const char *start) {
    static const char ERROR_TAIL[] =
        "\"status\":\"ERROR\",\"error\":\"Cannot create score image\"}";
    size_t head = strlen(start) - strlen(STATUS_OK_TAIL);
    char *text = malloc(head + sizeof(ERROR_TAIL));
    if (text != NULL) {
        memcpy(text, start, head);
        memcpy(text + head, ERROR_TAIL, sizeof(ERROR_TAIL));
    }
    return text;
}

char *inscore_file(const char *id, const char *mime_type, const uint8_t *bytes, size_t size_bytes) {
    char *head = print(id, "OK", "mimeType", json_string(mime_type));
    if (head == NULL) {
        return NULL;
    }
    size_t head_len = strlen(head) - 1;
    size_t base64_room = sodium_base64_encoded_len(size_bytes, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(head_len + sizeof(",\"file\":\"") + base64_room + sizeof("\"}"));
    if (text != NULL) {
        memcpy(text, head, head_len);
        char *at = text + head_len;
        at = stpcpy(at, ",\"file\":\"");
        sodium_bin2base64(at, base64_room, bytes, size_bytes, sodium_base64_VARIANT_ORIGINAL);
        stpcpy(at + base64_room - 1, "\"}");
    }
    free(head);
    return text;
}

size_t inscore_notice(char *text, size_t room_bytes, uint64_t version) {
    int len =
        snprintf(text, room_bytes, "{\"notification\":true,\"version\":%" PRIu64 "}", version);
    return len > 0 && (size_t)len < room_bytes ? (size_t)len : 0;
}
