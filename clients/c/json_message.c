/* jansson says whether a text is JSON; after that slices are found by counting brackets, which
 * needs no judgement any more. */
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

static size_t skip_space(struct json_slice text, size_t i) {
    while (i < text.len && strchr(" \t\r\n", text.at[i]) != NULL && text.at[i] != '\0') {
        i++;
    }
    return i;
}

/* Index behind the string that begins at i. */
static size_t skip_string(struct json_slice text, size_t i) {
    for (i++; i < text.len && text.at[i] != '"'; i++) {
        i += text.at[i] == '\\' ? 1 : 0;
    }
    return i < text.len ? i + 1 : text.len;
}

/* Index behind the value that begins at i. */
static size_t skip_value(struct json_slice text, size_t i) {
    size_t depth = 0;
    while (i < text.len) {
        char c = text.at[i];
        if (c == '"') {
            i = skip_string(text, i);
        } else if (c == '{' || c == '[') {
            depth++;
            i++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                return i;
            }
            depth--;
            i++;
        } else if (depth == 0 &&
                   (c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
            return i;
        } else {
            i++;
            if (depth == 0) {
                continue;
            }
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']')) {
            return i;
        }
    }
    return i;
}

static struct json_slice value_at(struct json_slice text, size_t *i) {
    size_t from = skip_space(text, *i);
    *i = skip_value(text, from);
    return (struct json_slice){text.at + from, *i - from};
}

static char first_of(struct json_slice text) {
    size_t i = text.at != NULL ? skip_space(text, 0) : 0;
    return text.at != NULL && i < text.len ? text.at[i] : '\0';
}

bool json_message_is_array(struct json_slice text) {
    return first_of(text) == '[';
}

bool json_message_item(struct json_slice array, size_t *at, struct json_slice *item) {
    if (*at == 0) {
        if (!json_message_is_array(array)) {
            return false;
        }
        *at = skip_space(array, 0) + 1;
    }
    size_t i = skip_space(array, *at);
    if (i >= array.len || array.at[i] == ']') {
        return false;
    }
    *item = value_at(array, &i);
    i = skip_space(array, i);
    *at = i < array.len && array.at[i] == ',' ? i + 1 : i;
    return true;
}

struct json_slice json_message_member(struct json_slice object, const char *name) {
    struct json_slice found = {NULL, 0};
    if (first_of(object) != '{') {
        return found;
    }
    size_t len = strlen(name);
    size_t i = skip_space(object, 0) + 1;
    while ((i = skip_space(object, i)) < object.len && object.at[i] == '"') {
        struct json_slice key = value_at(object, &i);
        i = skip_space(object, i) + 1; /* ':' */
        struct json_slice value = value_at(object, &i);
        if (key.len == len + 2 && memcmp(key.at + 1, name, len) == 0) {
            found = value;
        }
        i = skip_space(object, i) + 1; /* ',' or '}' */
    }
    return found;
}

static bool is_id(struct json_slice id) {
    char first = first_of(id);
    return first == '"' || first == '-' || first == 'n' || (first >= '0' && first <= '9');
}

void json_message_read(struct json_slice text, struct json_message *message) {
    struct json_slice version = json_message_member(text, "jsonrpc");
    memset(message, 0, sizeof(*message));
    if (version.len != 5 || memcmp(version.at, "\"2.0\"", 5) != 0) {
        return;
    }
    message->id = json_message_member(text, "id");
    message->method = json_message_member(text, "method");
    message->params = json_message_member(text, "params");
    message->result = json_message_member(text, "result");
    message->error = json_message_member(text, "error");
    bool has_id = message->id.at != NULL;
    if (has_id && !is_id(message->id)) {
        return;
    }
    if (message->method.at != NULL) {
        char params = first_of(message->params);
        bool is_fine =
            first_of(message->method) == '"' && (params == '\0' || params == '{' || params == '[');
        if (is_fine) {
            message->kind = has_id ? JSON_MESSAGE_REQUEST : JSON_MESSAGE_NOTIFICATION;
        }
    } else if (has_id && first_of(message->error) == '{') {
        message->kind = JSON_MESSAGE_ERROR; /* beside "result": null too, as some servers write */
    } else if (has_id && message->result.at != NULL) {
        message->kind = JSON_MESSAGE_RESULT;
    }
}

bool json_message_unsigned(struct json_slice text, uint64_t *value) {
    uint64_t number = 0;
    if (text.at == NULL || text.len == 0 || text.len > 20) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(text.at[i] - '0');
        if (digit > 9 || number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool json_message_int(struct json_slice text, int *value) {
    uint64_t number;
    if (text.at == NULL || text.len == 0) {
        return false;
    }
    bool is_minus = text.at[0] == '-';
    struct json_slice digits = {text.at + is_minus, text.len - is_minus};
    if (!json_message_unsigned(digits, &number) || number > INT32_MAX) {
        return false;
    }
    *value = is_minus ? -(int)number : (int)number;
    return true;
}

char *json_message_string(struct json_slice text) {
    if (first_of(text) != '"') {
        return NULL;
    }
    json_t *value = json_loadb(text.at, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const char *decoded = json_string_value(value);
    char *copy = decoded != NULL ? strdup(decoded) : NULL; /* to its first NUL */
    json_decref(value);
    return copy;
}

char *json_message_copy(struct json_slice text) {
    return text.at != NULL ? strndup(text.at, text.len) : NULL;
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

char *json_message_result(struct json_slice id, const char *result) {
    char *token = json_message_copy(id);
    char *text = token != NULL ? joined("{\"jsonrpc\":\"2.0\",\"id\":", token,
                                        ",\"result\":", result != NULL ? result : "null", "}",
                                        (const char *)NULL)
                               : NULL;
    free(token);
    return text;
}

char *json_message_error(struct json_slice id, int code, const char *message, const char *data) {
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
