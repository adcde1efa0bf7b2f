/* Bodies of POST requests. The library's own post processor is not used: it
 * needs a live connection (no unit or fuzz test), works in 512-byte pieces, and
 * had CVE-2023-27371; here a body is whole, bounded, and cut in one pass. */
#include "gateway-http/form.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "gateway-http/path.h"

/* Is `type` the media type (up to ';' or the end)? */
static bool is_type(const char *content_type, const char *type) {
    size_t len = strlen(type);
    if (strncasecmp(content_type, type, len) != 0) {
        return false;
    }
    const char *rest = content_type + len;
    rest += strspn(rest, " \t");
    return *rest == '\0' || *rest == ';';
}

enum form_kind form_kind_of(const char *content_type) {
    if (content_type == NULL || *content_type == '\0' ||
        is_type(content_type, "application/x-www-form-urlencoded")) {
        return FORM_URLENCODED;
    }
    if (is_type(content_type, "multipart/form-data")) {
        return FORM_MULTIPART;
    }
    if (is_type(content_type, "text/plain")) {
        return FORM_TEXT;
    }
    return is_type(content_type, "application/json") ? FORM_JSON : FORM_NONE;
}

static void add_field(struct form *form, const char *name, const char *value, size_t value_size) {
    if (form->n_fields < FORM_FIELDS_MAX) {
        form->fields[form->n_fields] =
            (struct form_field){.name = name, .value = value, .value_size = value_size};
    }
    form->n_fields++;
}

static void parse_urlencoded(struct form *form, char *body, size_t size) {
    size_t at = 0;
    while (at < size) {
        char *pair = body + at;
        char *end = memchr(pair, '&', size - at);
        size_t len = end != NULL ? (size_t)(end - pair) : size - at;
        at += len + 1;
        if (len == 0) {
            continue;
        }
        pair[len] = '\0'; /* over '&', or the spare byte */
        char *equals = memchr(pair, '=', len);
        size_t name_len = equals != NULL ? (size_t)(equals - pair) : len;
        char *value = equals != NULL ? equals + 1 : pair + len;
        size_t value_len = path_decode(value, (size_t)(pair + len - value), true);
        value[value_len] = '\0';
        pair[path_decode(pair, name_len, true)] = '\0';
        add_field(form, pair, value, value_len);
    }
}

/* A parameter of a header value: name="value" or name=value, into out. */
static bool header_parameter(const char *text, const char *name, char *out, size_t out_size) {
    size_t name_len = strlen(name);
    const char *s = text + strcspn(text, ";");
    while (*s == ';') {
        s += 1 + strspn(s + 1, " \t");
        bool is_it = strncasecmp(s, name, name_len) == 0 && s[name_len] == '=';
        s += strcspn(s, "=;");
        bool is_quoted = s[0] == '=' && s[1] == '"';
        s += is_quoted ? 2 : *s == '=' ? 1 : 0;
        size_t len = strcspn(s, is_quoted ? "\"" : "; \t");
        if (is_quoted && s[len] != '"') {
            return false;
        }
        if (is_it) {
            if (len >= out_size) {
                return false;
            }
            memcpy(out, s, len);
            out[len] = '\0';
            return true;
        }
        s += len;
        s += strcspn(s, ";");
    }
    return false;
}

static char *find_bytes(char *from, const char *end, const char *what, size_t len) {
    while ((size_t)(end - from) >= len) {
        char *hit = memchr(from, what[0], (size_t)(end - from) - len + 1);
        if (hit == NULL) {
            return NULL;
        }
        if (memcmp(hit, what, len) == 0) {
            return hit;
        }
        from = hit + 1;
    }
    return NULL;
}

/* Headers of one part → its name, written over the headers. NULL: none. */
static char *part_name(char *headers, char *headers_end) {
    *headers_end = '\0';
    for (char *line = headers; line != NULL && *line != '\0';) {
        char *next = strstr(line, "\r\n");
        if (next != NULL) {
            *next = '\0';
            next += 2;
        }
        if (strncasecmp(line, "Content-Disposition:", 20) == 0) {
            char name[128];
            if (!header_parameter(line, "name", name, sizeof name)) {
                return NULL;
            }
            memcpy(headers, name, strlen(name) + 1); /* shorter than its line */
            return headers;
        }
        line = next;
    }
    return NULL;
}

static int parse_multipart(struct form *form, const char *content_type, char *body, size_t size) {
    char boundary[80] = "\r\n--"; /* RFC 2046: at most 70 characters */
    if (!header_parameter(content_type, "boundary", boundary + 4, 71) || boundary[4] == '\0') {
        return LG_EBADREQUEST;
    }
    size_t len = strlen(boundary);
    const char *end = body + size;
    char *at;
    if (size >= len - 2 && memcmp(body, boundary + 2, len - 2) == 0) {
        at = body + len - 2;
    } else {
        char *first = find_bytes(body, end, boundary, len);
        at = first != NULL ? first + len : NULL;
    }
    while (at != NULL && !(end - at >= 2 && memcmp(at, "--", 2) == 0)) {
        char *headers = find_bytes(at, end, "\r\n", 2);
        char *headers_end = headers != NULL ? find_bytes(headers, end, "\r\n\r\n", 4) : NULL;
        char *part_end =
            headers_end != NULL ? find_bytes(headers_end + 2, end, boundary, len) : NULL;
        if (part_end == NULL) {
            return LG_EBADREQUEST;
        }
        char *value = headers_end + 4 <= part_end ? headers_end + 4 : part_end;
        char *name = part_name(headers + 2, headers_end + 2);
        *part_end = '\0';
        add_field(form, name != NULL ? name : "", value, (size_t)(part_end - value));
        at = part_end + len;
    }
    return at != NULL ? LG_OK : LG_EBADREQUEST;
}

static int parse_json(struct form *form, const char *body, size_t size, char *why,
                      size_t why_size) {
    json_error_t error;
    json_t *root = json_loadb(body, size, JSON_ALLOW_NUL, &error);
    if (root == NULL) {
        snprintf(why, why_size, "JSON line %d column %d: %s", error.line, error.column, error.text);
        return LG_EBADREQUEST;
    }
    form->json = root;
    if (!json_is_object(root)) {
        snprintf(why, why_size, "JSON: an object is expected");
        return LG_EBADREQUEST;
    }
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value) {
        if (json_is_string(value)) {
            add_field(form, name, json_string_value(value), json_string_length(value));
        } else {
            add_field(form, name, "", 0);
            if (json_is_number(value) && form->n_fields <= FORM_FIELDS_MAX) {
                form->fields[form->n_fields - 1].is_number = true;
                form->fields[form->n_fields - 1].number = json_number_value(value);
            }
        }
    }
    return LG_OK;
}

int form_parse(struct form *form, const char *content_type, char *body, size_t size, char *why,
               size_t why_size) {
    memset(form, 0, sizeof *form);
    form->kind = form_kind_of(content_type);
    body[size] = '\0';
    switch (form->kind) {
    case FORM_URLENCODED:
        parse_urlencoded(form, body, size);
        return LG_OK;
    case FORM_MULTIPART:
        if (parse_multipart(form, content_type, body, size) != LG_OK) {
            snprintf(why, why_size, "multipart/form-data: malformed body");
            return LG_EBADREQUEST;
        }
        return LG_OK;
    case FORM_TEXT:
        add_field(form, "data", body, size);
        return LG_OK;
    case FORM_JSON:
        return parse_json(form, body, size, why, why_size);
    case FORM_NONE:
        break;
    }
    return LG_OK;
}

const struct form_field *form_field(const struct form *form, const char *name) {
    for (size_t i = 0; i < form->n_fields && i < FORM_FIELDS_MAX; i++) {
        if (strcmp(form->fields[i].name, name) == 0) {
            return &form->fields[i];
        }
    }
    return NULL;
}

int32_t form_coordinate(const struct form_field *field) {
    double number =
        field->is_number ? floor(field->number) : (double)strtol(field->value, NULL, 10);
    if (!(number > INT32_MIN)) {
        return INT32_MIN;
    }
    return number >= INT32_MAX ? INT32_MAX : (int32_t)number;
}

void form_finish(struct form *form) {
    json_decref(form->json);
    memset(form, 0, sizeof *form);
}
