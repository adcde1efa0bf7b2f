/* openat2 where there is one, else segment by segment; and what a path may look like. */
#include "renderer/io/files_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proto/limits.h"
#include "renderer/io/files.h"

static int call_openat2(int folder, const char *path, int flags, mode_t mode) {
    struct open_how how = {
        .flags = (unsigned)flags,
        .mode = (flags & O_CREAT) != 0 ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    for (int i = 0; i < 8; i++) {
        long fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) {
            return (int)fd; /* EAGAIN: a rename raced with the look-up, the manual says try again */
        }
    }
    return -1;
}

bool files_open_has_openat2(void) {
    int fd = call_openat2(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

static int open_by_segments(int folder, const char *path, int flags, mode_t mode) {
    int at = folder;
    char segment[LIMIT_PATH_BYTES + 1];
    for (;;) {
        path += strspn(path, "/");
        size_t len = strcspn(path, "/");
        const char *rest = path + len;
        rest += strspn(rest, "/");
        memcpy(segment, path, len);
        segment[len] = '\0';
        bool is_last = *rest == '\0';
        int next = is_last ? openat(at, len == 0 ? "." : segment, flags | O_NOFOLLOW, mode)
                           : openat(at, segment, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (at != folder) {
            close(at);
        }
        if (is_last || next < 0) {
            return next;
        }
        at = next;
        path = rest;
    }
}

int files_open_beneath(bool has_openat2, int folder, const char *path, int flags, mode_t mode) {
    if (folder < 0) {
        return -1;
    }
    return has_openat2 ? call_openat2(folder, path, flags, mode)
                       : open_by_segments(folder, path, flags, mode);
}

bool files_path_is_safe(const char *path, size_t len, bool is_public) {
    if (len == 0 || len > LIMIT_PATH_BYTES || path[0] == '/' || path[len - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)path[i];
        if (c < 0x20 || c == 0x7f || c == '\\') {
            return false;
        }
        bool is_segment_start = i == 0 || path[i - 1] == '/';
        if (!is_segment_start || c != '.') {
            continue;
        }
        bool is_dots = i + 1 < len && path[i + 1] == '.' && (i + 2 == len || path[i + 2] == '/');
        if (is_dots || is_public) {
            return false;
        }
    }
    return true;
}
