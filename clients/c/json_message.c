/* jansson says whether a text is JSON, common/jsonrpc/scan where its parts are. */
#include "clients/c/json_message.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool json_message_is_json(const char *text, size_t len) {
    json_t *value =
        json_loadb(text, len, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
    json_decref(value);
    return value != NULL;
}

/* Its first character that is no blank; NUL: none. */
static char first_of(struct scan_span text) {
    for (size_t i = 0; text.text != NULL && i < text.len; i++) {
        char c = text.text[i];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            return c;
        }
    }
    return '\0';
}

bool json_message_is_array(struct scan_span text) {
    return first_of(text) == '[';
}

bool json_message_item(struct scan_span array, size_t *at, struct scan_span *item) {
    if (*at == 0) {
        const char *bracket =
            json_message_is_array(array) ? memchr(array.text, '[', array.len) : NULL;
        if (bracket == NULL) {
            return false;
        }
        *at = (size_t)(bracket - array.text) + 1;
    }
    struct scan_span rest = {array.text + *at, array.len - *at};
    bool is_there = scan_item(&rest, item);
    *at = array.len - rest.len;
    return is_there;
}

struct scan_span json_message_member(struct scan_span object, const char *name) {
    struct scan_span found = {NULL, 0};
    if (object.text != NULL) {
        scan_member(object, name, &found);
    }
    return found;
}

static bool is_id(struct scan_span id) {
    char first = first_of(id);
    return first == '"' || first == '-' || first == 'n' || (first >= '0' && first <= '9');
}

void json_message_read(struct scan_span text, struct json_message *message) {
    struct scan_span version = json_message_member(text, "jsonrpc");
    memset(message, 0, sizeof(*message));
    if (version.len != 5 || memcmp(version.text, "\"2.0\"", 5) != 0) {
        return;
    }
    message->id = json_message_member(text, "id");
    message->method = json_message_member(text, "method");
    message->params = json_message_member(text, "params");
    message->result = json_message_member(text, "result");
    message->error = json_message_member(text, "error");
    bool has_id = message->id.text != NULL;
    if (has_id && !is_id(message->id)) {
        return;
    }
    if (message->method.text != NULL) {
        char params = first_of(message->params);
        bool is_fine =
            first_of(message->method) == '"' && (params == '\0' || params == '{' || params == '[');
        if (is_fine) {
            message->kind = has_id ? JSON_MESSAGE_REQUEST : JSON_MESSAGE_NOTIFICATION;
        }
    } else if (has_id && first_of(message->error) == '{') {
        message->kind = JSON_MESSAGE_ERROR; /* beside "result": null too, as some servers write */
    } else if (has_id && message->result.text != NULL) {
        message->kind = JSON_MESSAGE_RESULT;
    }
}

bool json_message_unsigned(struct scan_span text, uint64_t *value) {
    uint64_t number = 0;
    if (text.text == NULL || text.len == 0 || text.len > 20) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.text[i] - '0');
        if (digit > 9 || number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool json_message_int(struct scan_span text, int *value) {
    uint64_t number;
    if (text.text == NULL || text.len == 0) {
        return false;
    }
    bool is_minus = text.text[0] == '-';
    struct scan_span digits = {text.text + is_minus, text.len - is_minus};
    if (!json_message_unsigned(digits, &number) || number > INT32_MAX) {
        return false;
    }
    *value = is_minus ? -(int)number : (int)number;
    return true;
}

char *json_message_string(struct scan_span text) {
    if (first_of(text) != '"') {
        return NULL;
    }
    json_t *value = json_loadb(text.text, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const char *decoded = json_string_value(value);
    char *copy = decoded != NULL ? strdup(decoded) : NULL; /* to its first NUL */
    json_decref(value);
    return copy;
}

char *json_message_copy(struct scan_span text) {
    return text.text != NULL ? strndup(text.text, text.len) : NULL;
}

/* NULL when out of memory or no UTF-8. */
static char *quoted(const char *text) {
    json_t *value = json_string(text);
    char *json = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    json_decref(value);
    return json;
}

/* The texts up to NULL, joined. */
static char *joined(const char *first, ...) {
    va_list texts;
    size_t len = 0;
    va_start(texts, first);
    for (const char *text = first; text != NULL; text = va_arg(texts, const char *)) {
        len += strlen(text);
    }
    va_end(texts);
    char *whole = malloc(len + 1);
    if (whole == NULL) {
        return NULL;
    }
    char *end = whole;
    va_start(texts, first);
    for (const char *text = first; text != NULL; text = va_arg(texts, const char *)) {
        size_t n = strlen(text);
        memcpy(end, text, n);
        end += n;
    }
    va_end(texts);
    *end = '\0';
    return whole;
}

char *json_message_call(uint64_t id, const char *method, const char *params) {
    char number[48] = "";
    char *name = quoted(method);
    if (name == NULL) {
        return NULL;
    }
    if (id != 0) {
        snprintf(number, sizeof(number), ",\"id\":%llu", (unsigned long long)id);
    }
    char *text = joined("{\"jsonrpc\":\"2.0\"", number, ",\"method\":", name,
                        params != NULL ? ",\"params\":" : "", params != NULL ? params : "", "}",
                        (const char *)NULL);
    free(name);
    return text;
}

char *json_message_result(struct scan_span id, const char *result) {
    char *token = json_message_copy(id);
    char *text = token != NULL ? joined("{\"jsonrpc\":\"2.0\",\"id\":", token,
                                        ",\"result\":", result != NULL ? result : "null", "}",
                                        (const char *)NULL)
                               : NULL;
    free(token);
    return text;
}

char *json_message_error(struct scan_span id, int code, const char *message, const char *data) {
    char number[16];
    char *token = json_message_copy(id);
    char *words = quoted(message);
    char *text = NULL;
    snprintf(number, sizeof(number), "%d", code);
    if (token != NULL && words != NULL) {
        text = joined("{\"jsonrpc\":\"2.0\",\"id\":", token, ",\"error\":{\"code\":", number,
                      ",\"message\":", words, data != NULL ? ",\"data\":" : "",
                      data != NULL ? data : "", "}}", (const char *)NULL);
    }
    free(token);
    free(words);
    return text;
}
