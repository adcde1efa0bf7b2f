/* An error ends at a ';' that is followed by a blank or the end: a ';' inside its words
 * rarely is. */
#include "renderer/error_list.h"

#include <string.h>

bool error_list_next(struct error_list *list, const char **error, size_t *len) {
    if (list->rest == NULL || list->rest[0] == '\0') {
        return false;
    }
    const char *end = strchr(list->rest, ';');
    while (end != NULL && end[1] != ' ' && end[1] != '\0') {
        end = strchr(end + 1, ';');
    }
    *error = list->rest;
    *len = end == NULL ? strlen(list->rest) : (size_t)(end - list->rest);
    list->rest = end == NULL ? NULL : end + 1;
    return true;
}
