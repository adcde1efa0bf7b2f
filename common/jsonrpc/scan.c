/* A scan that knows strings and brackets and nothing else. */
#include "common/jsonrpc/scan.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct state {
    size_t depth;
    bool is_in_string, is_escaped;
};

static void step(struct state *state, char c) {
    if (state->is_in_string) {
        if (state->is_escaped) {
            state->is_escaped = false;
        } else if (c == '\\') {
            state->is_escaped = true;
        } else if (c == '"') {
            state->is_in_string = false;
        }
    } else if (c == '"') {
        state->is_in_string = true;
    } else if (c == '{' || c == '[') {
        state->depth++;
    } else if ((c == '}' || c == ']') && state->depth > 0) {
        state->depth--;
    }
}

struct scan_shape scan_shape(const char *text, size_t size_bytes, size_t max_depth) {
    struct scan_shape shape = {0};
    struct state state = {0};
    for (size_t i = 0; i < size_bytes && shape.depth <= max_depth; i++) {
        char c = text[i];
        if (!state.is_in_string && (c == ',' || c == '[' || c == '{')) {
            shape.n_values++;
            shape.n_items += c == ',' && state.depth == 1;
        }
        step(&state, c);
        shape.depth = state.depth > shape.depth ? state.depth : shape.depth;
    }
    return shape;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip(struct scan_span *at, size_t len) {
    at->text += len;
    at->len -= len;
}

static void skip_blanks(struct scan_span *at) {
    while (at->len > 0 && is_blank(at->text[0])) {
        skip(at, 1);
    }
}

static bool ends_token(char c) {
    return is_blank(c) || c == ',' || c == ']' || c == '}' || c == ':';
}

bool scan_value(struct scan_span text, struct scan_span *value, struct scan_span *rest) {
    struct state state = {0};
    skip_blanks(&text);
    size_t len = 0;
    while (len < text.len) {
        bool was_open = state.depth > 0 || state.is_in_string;
        if (!was_open && ends_token(text.text[len])) {
            break;
        }
        step(&state, text.text[len++]);
        if (was_open && state.depth == 0 && !state.is_in_string) {
            break; /* the closing bracket or quote */
        }
    }
    *value = (struct scan_span){text.text, len};
    skip(&text, len);
    *rest = text;
    return len > 0;
}

bool scan_item(struct scan_span *at, struct scan_span *value) {
    skip_blanks(at);
    if (at->len > 0 && at->text[0] == ',') {
        skip(at, 1);
    }
    return scan_value(*at, value, at);
}

/* Is this string token (quotes and all) that name? */
static bool names(struct scan_span key, const char *name) {
    size_t len = strlen(name);
    if (key.len < 2) {
        return false;
    }
    if (memchr(key.text, '\\', key.len) == NULL) {
        return key.len == len + 2 && memcmp(key.text + 1, name, len) == 0;
    }
    if (key.len > 6 * len + 2) { /* even as \u escapes it is longer */
        return false;
    }
    json_t *text = json_loadb(key.text, key.len, JSON_DECODE_ANY, NULL);
    bool is_equal =
        text != NULL && json_is_string(text) && strcmp(json_string_value(text), name) == 0;
    json_decref(text);
    return is_equal;
}

size_t scan_member(struct scan_span object, const char *name, struct scan_span *value) {
    struct scan_span key, found;
    size_t n = 0;
    skip_blanks(&object);
    if (object.len == 0 || object.text[0] != '{') {
        return 0;
    }
    skip(&object, 1);
    while (scan_item(&object, &key)) {
        skip_blanks(&object);
        if (object.len == 0 || object.text[0] != ':') {
            break;
        }
        skip(&object, 1);
        if (!scan_value(object, &found, &object)) {
            break;
        }
        if (names(key, name)) {
            *value = found;
            n++;
        }
    }
    return n;
}
