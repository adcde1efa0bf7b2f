/* Small steps through the document, and tags made of it. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/read/musicxml/mx.h"

#define PARAMS_MAX 6

bool mx_is(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

xmlNode *mx_element(xmlNode *node) {
    while (node != NULL && node->type != XML_ELEMENT_NODE) {
        node = node->next;
    }
    return node;
}

xmlNode *mx_child(const xmlNode *node, const char *name) {
    for (xmlNode *child = node->children; child != NULL; child = child->next) {
        if (mx_is(child, name)) {
            return child;
        }
    }
    return NULL;
}

xmlNode *mx_next(const xmlNode *node) {
    for (xmlNode *next = node->next; next != NULL; next = next->next) {
        if (mx_is(next, (const char *)node->name)) {
            return next;
        }
    }
    return NULL;
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Trimmed, and without control characters. */
static const char *trimmed(struct mx *mx, const char *text, size_t len) {
    while (len > 0 && is_blank(text[len - 1])) {
        len--;
    }
    while (len > 0 && is_blank(text[0])) {
        text++;
        len--;
    }
    char *copy = len > 0 ? arena_text(mx->arena, text, len) : NULL;
    for (size_t i = 0; copy != NULL && i < len; i++) {
        copy[i] = (unsigned char)copy[i] < ' ' && copy[i] != '\n' ? ' ' : copy[i];
    }
    return copy;
}

const char *mx_text(struct mx *mx, const xmlNode *node) {
    if (node == NULL) {
        return NULL;
    }
    const xmlNode *only = node->children;
    if (only != NULL && only->next == NULL && only->type == XML_TEXT_NODE) {
        const char *text = (const char *)only->content;
        return text != NULL ? trimmed(mx, text, strlen(text)) : NULL;
    }
    xmlChar *content = xmlNodeGetContent(node);
    if (content == NULL) {
        return NULL;
    }
    const char *text = trimmed(mx, (const char *)content, strlen((const char *)content));
    xmlFree(content);
    return text;
}

const char *mx_child_text(struct mx *mx, const xmlNode *node, const char *name) {
    return mx_text(mx, mx_child(node, name));
}

const char *mx_attribute(struct mx *mx, const xmlNode *node, const char *name) {
    xmlChar *value = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
    if (value == NULL) {
        return NULL;
    }
    const char *text = trimmed(mx, (const char *)value, strlen((const char *)value));
    xmlFree(value);
    return text;
}

bool mx_attribute_is(const xmlNode *node, const char *name, const char *value) {
    xmlChar *own = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
    bool is_same = own != NULL && strcmp((const char *)own, value) == 0;
    xmlFree(own);
    return is_same;
}

int64_t mx_integer(const char *text, int64_t fallback, int64_t min, int64_t max) {
    double number = mx_number(text, (double)fallback);
    return number < (double)min ? min : number > (double)max ? max : (int64_t)number;
}

double mx_number(const char *text, double fallback) {
    char *end;
    if (text == NULL) {
        return fallback;
    }
    double number = strtod(text, &end);
    return end == text || !isfinite(number) || fabs(number) > 1e9 ? fallback : number;
}

const char *mx_format(struct mx *mx, const char *format, ...) {
    char text[1024]; /* words and numbers; longer texts are cut */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t len = strlen(text);
    while (len > 0 && len == sizeof(text) - 1 && ((unsigned char)text[len - 1] & 0x80) != 0) {
        len--; /* not in the middle of a character */
    }
    const char *copy = arena_text(mx->arena, text, len);
    return copy != NULL ? copy : "";
}

struct notation_tag mx_tag(enum notation_tag_kind kind, const xmlNode *node) {
    long line = node != NULL ? xmlGetLineNo(node) : 0;
    return (struct notation_tag){
        .kind = kind,
        .name = notation_tag_name(kind),
        .is_automatic = true,
        .id = -1,
        .line = line > 0 && line < INT32_MAX ? (int)line : 0,
        .column = line > 0 ? 1 : 0,
    };
}

static struct notation_param *add_param(struct mx *mx, struct notation_tag *tag, const char *name) {
    if (tag->params == NULL) {
        tag->params = arena_array(mx->arena, PARAMS_MAX, sizeof(*tag->params));
    }
    if (tag->params == NULL || tag->n_params == PARAMS_MAX) {
        return NULL;
    }
    struct notation_param *param = &tag->params[tag->n_params++];
    param->name = name;
    return param;
}

void mx_param_text(struct mx *mx, struct notation_tag *tag, const char *name, const char *text) {
    struct notation_param *param = add_param(mx, tag, name);
    if (param != NULL) {
        param->kind = NOTATION_PARAM_STRING;
        param->text = text;
    }
}

void mx_param_number(struct mx *mx, struct notation_tag *tag, const char *name, double number,
                     enum notation_unit unit) {
    struct notation_param *param = add_param(mx, tag, name);
    if (param != NULL) {
        bool is_integer = fabs(number - round(number)) < 1e-12;
        param->kind = is_integer ? NOTATION_PARAM_INTEGER : NOTATION_PARAM_FLOAT;
        param->number = is_integer ? round(number) : number;
        param->unit = unit;
    }
}

void mx_add_tag(struct mx *mx, struct mx_tags *tags, const struct notation_tag *tag) {
    void *array = tags->tags;
    if (arena_grow(mx->arena, &array, tags->n, &tags->capacity, sizeof(*tags->tags))) {
        tags->tags = array;
        tags->tags[tags->n++] = *tag;
    }
}
