/* The error text of a transaction (" words;" each) as single errors. */
#ifndef LEGGIO_RENDERER_ERROR_LIST_H
#define LEGGIO_RENDERER_ERROR_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct error_list {
    const char *rest; /* NUL terminated, or NULL */
};

/* The next error, leading blank kept, ';' not; false at the end. */
bool error_list_next(struct error_list *list, const char **error, size_t *len);

#endif
