/* Opening a relative path so that it cannot leave a folder. For files.c. */
#ifndef LEGGIO_IO_FILES_OPEN_H
#define LEGGIO_IO_FILES_OPEN_H

#include <stdbool.h>
#include <sys/types.h>

/* Does this kernel (and its sandbox) have openat2? */
bool files_open_has_openat2(void);

/* Like openat, beneath `folder` only. Without openat2 each segment is opened by itself and no
 * symbolic link is followed. path: has passed files_path_is_safe. Returns the descriptor or -1. */
int files_open_beneath(bool has_openat2, int folder, const char *path, int flags, mode_t mode);

#endif
