/* Places of values inside a JSON text: what a JSON library does not tell. */
#ifndef LEGGIO_COMMON_JSONRPC_SCAN_H
#define LEGGIO_COMMON_JSONRPC_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct scan_span {
    const char *text;
    size_t len;
};

struct scan_shape {
    size_t depth;    /* deepest nesting */
    size_t n_values; /* about: separators and brackets */
    size_t n_items;  /* commas of the outermost array or object */
};

/* Any bytes; strings are skipped. Stops early when depth passes max_depth. */
struct scan_shape scan_shape(const char *text, size_t size_bytes, size_t max_depth);

/* The value at the start of the text (blanks before it are skipped); rest is what
 * comes after it. Safe on any bytes; right on valid JSON. false: nothing there. */
bool scan_value(struct scan_span text, struct scan_span *value, struct scan_span *rest);

/* Walk: `at` is the inside of an array after its bracket; false: no more items. */
bool scan_item(struct scan_span *at, struct scan_span *value);

/* The value of member `name` (ASCII) of an object; returns how often the member is
 * there, escaped spellings included. value: of the last one. */
size_t scan_member(struct scan_span object, const char *name, struct scan_span *value);

#endif
