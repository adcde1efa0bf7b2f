/* Is it UTF-8? */
#ifndef LEGGIO_COMMON_UTF8_H
#define LEGGIO_COMMON_UTF8_H

#include <stddef.h>

/* How many bytes from the beginning are well-formed UTF-8 without NUL; len when all are. */
size_t lg_utf8_len(const char *bytes, size_t len);

/* A fresh, NUL-terminated copy in which each byte that is not UTF-8 is U+FFFD;
 * free(). NULL when out of memory. */
char *lg_utf8_clean(const char *bytes, size_t len);

#endif
