/* Pictures onto the disk, each whole or not at all. */
#ifndef LEGGIO_CLIENTS_C_WATCH_PICTURE_FILE_H
#define LEGGIO_CLIENTS_C_WATCH_PICTURE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/c/leggio_client.h"

enum { PICTURE_FILE_PATH_BYTES = 4096 };

/* Where this picture goes: target itself, or when that is a folder SCENE-VERSION.png in it.
 * false: the path is too long. */
bool picture_file_path(char path[PICTURE_FILE_PATH_BYTES], const char *target, bool is_folder,
                       const struct lg_client_frame *frame);

/* Writes beside path and renames, so that a reader never sees half a picture. 0 or errno. */
int picture_file_write(const char *path, const void *bytes, size_t len);

#endif
