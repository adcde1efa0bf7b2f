/* A name, a temporary file, rename. */
#include "clients/c/watch/picture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 200 };

/* The scene's name as a part of a file's name. */
static void safe_name(char name[NAME_BYTES], const char *scene) {
    static const char FINE[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    snprintf(name, NAME_BYTES, "%s", scene);
    for (char *at = name; *at != '\0'; at++) {
        *at = strchr(FINE, *at) != NULL ? *at : '_';
    }
}

bool picture_file_path(char path[PICTURE_FILE_PATH_BYTES], const char *target, bool is_folder,
                       const struct lg_client_frame *frame) {
    char name[NAME_BYTES];
    safe_name(name, frame->scene);
    int len = is_folder ? snprintf(path, PICTURE_FILE_PATH_BYTES, "%s/%s-%012" PRIu64 ".png",
                                   target, name, frame->version)
                        : snprintf(path, PICTURE_FILE_PATH_BYTES, "%s", target);
    return len > 0 && len < PICTURE_FILE_PATH_BYTES;
}

static int write_all(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

int picture_file_write(const char *path, const void *bytes, size_t len) {
    char temporary[PICTURE_FILE_PATH_BYTES + 32];
    snprintf(temporary, sizeof(temporary), "%s.%ld.part", path, (long)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        return errno;
    }
    int error = write_all(fd, bytes, len);
    if (close(fd) != 0 && error == 0) {
        error = errno;
    }
    if (error == 0 && rename(temporary, path) != 0) {
        error = errno;
    }
    if (error != 0) {
        unlink(temporary);
    }
    return error;
}
