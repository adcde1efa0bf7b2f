/* Reading and writing inside allowed folders. How a path is opened is files_open.c. */
#include "renderer/io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/io/files_open.h"

struct files {
    bool has_openat2;
    size_t n_folders;
    char *folders[FILES_FOLDERS_MAX]; /* real paths, no '/' at the end except for "/" */
};

struct files_options files_options_default(void) {
    return (struct files_options){.has_openat2 = true};
}

struct files *files_create(const struct files_options *options) {
    struct files *files = calloc(1, sizeof *files);
    if (files == NULL) {
        return NULL;
    }
    files->has_openat2 = options->has_openat2 && files_open_has_openat2();
    if (options->has_openat2 && !files->has_openat2) {
        lg_log(LG_LOG_WARN, "files", "no_openat2", "symbolic_links=refused");
    }
    return files;
}

void files_destroy(struct files *files) {
    if (files == NULL) {
        return;
    }
    for (size_t i = 0; i < files->n_folders; i++) {
        free(files->folders[i]);
    }
    free(files);
}

static bool is_folder(const char *path) {
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static bool is_inside(const char *folder, const char *path) {
    size_t len = strlen(folder);
    if (strncmp(folder, path, len) != 0) {
        return false;
    }
    return path[len] == '\0' || path[len] == '/' || (len > 0 && folder[len - 1] == '/');
}

int files_allow(struct files *files, const char *dir) {
    char *real = realpath(dir, NULL);
    if (real == NULL || !is_folder(real)) {
        free(real);
        return LG_ENOTFOUND;
    }
    for (size_t i = 0; i < files->n_folders; i++) {
        if (is_inside(files->folders[i], real)) {
            free(real);
            return LG_OK;
        }
    }
    if (files->n_folders == FILES_FOLDERS_MAX) {
        free(real);
        return LG_ETOOLARGE;
    }
    files->folders[files->n_folders++] = real;
    return LG_OK;
}

/* A root path as a file descriptor; -1 when it is not inside an allowed folder. The real path is
 * opened again beneath the allowed folder, so that a link swapped in between does not help. */
static int open_root(const struct files *files, const char *dir) {
    char *real = realpath(dir, NULL);
    if (real == NULL) {
        return -1;
    }
    int fd = -1;
    for (size_t i = 0; i < files->n_folders && fd < 0; i++) {
        const char *folder = files->folders[i];
        if (!is_inside(folder, real)) {
            continue;
        }
        const char *rest = real + strlen(folder);
        rest += strspn(rest, "/");
        int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        fd = *rest == '\0' ? top
                           : files_open_beneath(files->has_openat2, top, rest,
                                                O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        if (fd != top && top >= 0) {
            close(top);
        }
    }
    if (fd < 0) {
        lg_log(LG_LOG_WARN, "files", "root_refused", "dir=%s", dir);
    }
    free(real);
    return fd;
}

char *files_real_folder(const struct files *files, const char *dir) {
    int fd = open_root(files, dir);
    if (fd < 0) {
        return NULL;
    }
    close(fd);
    return realpath(dir, NULL);
}

/* Scripts may hold absolute paths; those inside the root path lose it. */
static const char *relative_to(const char *dir, const char *path) {
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') {
        len--;
    }
    if (path[0] == '/' && len > 0 && strncmp(path, dir, len) == 0 && path[len] == '/') {
        path += len;
        return path + strspn(path, "/");
    }
    return path;
}

/* A regular file beneath a root path; -1 when there is none. O_NONBLOCK: a fifo must not
 * hold us. */
static int open_regular(const struct files *files, const char *dir, const char *path,
                        struct stat *facts) {
    int root = open_root(files, dir);
    if (root < 0) {
        return -1;
    }
    int fd = files_open_beneath(files->has_openat2, root, path,
                                O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    close(root);
    if (fd >= 0 && (fstat(fd, facts) != 0 || !S_ISREG(facts->st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

static int read_exactly(int fd, uint8_t *bytes, size_t wanted, off_t offset, size_t *got) {
    size_t done = 0;
    while (done < wanted) {
        ssize_t n = pread(fd, bytes + done, wanted - done, offset + (off_t)done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return LG_ENOTFOUND;
        }
        if (n == 0) {
            break; /* shorter than it said: somebody cuts it while we read */
        }
        done += (size_t)n;
    }
    *got = done;
    return LG_OK;
}

static int read_whole(int fd, const struct stat *facts, size_t max_bytes, char **data,
                      size_t *size_bytes) {
    if (facts->st_size < 0 || (uintmax_t)facts->st_size > max_bytes) {
        return LG_ETOOLARGE;
    }
    size_t wanted = (size_t)facts->st_size;
    char *bytes = malloc(wanted + 1);
    if (bytes == NULL) {
        return LG_ENOMEM;
    }
    size_t got = 0;
    int code = read_exactly(fd, (uint8_t *)bytes, wanted, 0, &got);
    if (code != LG_OK) {
        free(bytes);
        return code;
    }
    bytes[got] = '\0';
    *data = bytes;
    *size_bytes = got;
    return LG_OK;
}

int files_read(const struct files *files, const char *dir, const char *path, size_t max_bytes,
               char **data, size_t *size_bytes) {
    path = relative_to(dir, path);
    if (!files_path_is_safe(path, strlen(path), false)) {
        return LG_ENOTFOUND;
    }
    struct stat facts;
    int fd = open_regular(files, dir, path, &facts);
    if (fd < 0) {
        return LG_ENOTFOUND;
    }
    int code = read_whole(fd, &facts, max_bytes, data, size_bytes);
    close(fd);
    return code;
}

bool files_exists(const struct files *files, const char *dir, const char *path) {
    path = relative_to(dir, path);
    struct stat facts;
    int fd =
        files_path_is_safe(path, strlen(path), false) ? open_regular(files, dir, path, &facts) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

int files_read_range(const struct files *files, const char *dir, const char *path, size_t path_len,
                     uint64_t offset_bytes, uint64_t max_bytes, struct files_range *out) {
    if (!files_path_is_safe(path, path_len, true)) {
        return LG_ENOTFOUND;
    }
    char name[LIMIT_PATH_BYTES + 1];
    memcpy(name, path, path_len);
    name[path_len] = '\0';
    struct stat facts;
    int fd = open_regular(files, dir, name, &facts);
    if (fd < 0) {
        return LG_ENOTFOUND;
    }
    struct files_range range = {.total_size_bytes = (uint64_t)facts.st_size,
                                .mtime_s = (int64_t)facts.st_mtime};
    uint64_t left =
        offset_bytes < range.total_size_bytes ? range.total_size_bytes - offset_bytes : 0;
    size_t wanted = (size_t)(left < max_bytes ? left : max_bytes);
    range.bytes = malloc(wanted + 1);
    int code = range.bytes == NULL ? LG_ENOMEM : LG_OK;
    if (code == LG_OK && wanted > 0) {
        code = read_exactly(fd, range.bytes, wanted, (off_t)offset_bytes, &range.size_bytes);
    }
    close(fd);
    if (code != LG_OK) {
        free(range.bytes);
        return code;
    }
    *out = range;
    return LG_OK;
}

static int write_fully(int fd, const uint8_t *data, size_t size_bytes) {
    while (size_bytes > 0) {
        ssize_t n = write(fd, data, size_bytes);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            lg_log(LG_LOG_ERROR, "files", "write_failed", "why=%s", strerror(errno));
            return LG_EINTERNAL;
        }
        data += n;
        size_bytes -= (size_t)n;
    }
    return LG_OK;
}

static int append_to(const struct files *files, int folder, const char *name, const void *data,
                     size_t size_bytes) {
    int fd = files_open_beneath(files->has_openat2, folder, name,
                                O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                                0644);
    struct stat facts;
    if (fd < 0) {
        return LG_EFORBIDDEN;
    }
    int code = LG_EFORBIDDEN;
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
        code = write_fully(fd, data, size_bytes);
        if (code != LG_OK && ftruncate(fd, facts.st_size) != 0) { /* a full disk: all or nothing */
            lg_log(LG_LOG_WARN, "files", "half_written", "file=%s why=%s", name, strerror(errno));
        }
    }
    close(fd);
    return code;
}

static int replace(int folder, const char *name, const void *data, size_t size_bytes) {
    char aside[64];
    snprintf(aside, sizeof aside, ".leggio-%ld-%p.part", (long)getpid(), (void *)aside);
    struct stat facts;
    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(facts.st_mode)) {
        return LG_EFORBIDDEN;
    }
    int fd = openat(folder, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) {
        lg_log(LG_LOG_WARN, "files", "write_refused", "file=%s why=%s", name, strerror(errno));
        return LG_EFORBIDDEN;
    }
    int code = write_fully(fd, data, size_bytes);
    close(fd);
    if (code == LG_OK && renameat(folder, aside, folder, name) != 0) {
        code = LG_EFORBIDDEN;
    }
    if (code != LG_OK) {
        unlinkat(folder, aside, 0);
    }
    return code;
}

/* The folder that a file is to stand in, open, and its name there; below 0: LG_E… */
static int open_parent(const struct files *files, const char *dir, const char *path,
                       const char **name) {
    if (!files_path_is_safe(path, strlen(path), false)) {
        return LG_EFORBIDDEN;
    }
    int folder = open_root(files, dir);
    const char *slash = strrchr(path, '/');
    *name = slash != NULL ? slash + 1 : path;
    if (folder >= 0 && slash != NULL) {
        char parent[LIMIT_PATH_BYTES + 1];
        memcpy(parent, path, (size_t)(slash - path));
        parent[slash - path] = '\0';
        int inner = files_open_beneath(files->has_openat2, folder, parent,
                                       O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        close(folder);
        folder = inner;
    }
    return folder < 0 ? LG_ENOTFOUND : folder;
}

int files_may_write(const struct files *files, const char *dir, const char *path) {
    const char *name;
    int folder = open_parent(files, dir, relative_to(dir, path), &name);
    if (folder < 0) {
        return folder;
    }
    close(folder);
    return LG_OK;
}

int files_write(const struct files *files, const char *dir, const char *path, const void *data,
                size_t size_bytes, bool is_append) {
    const char *name;
    int folder = open_parent(files, dir, relative_to(dir, path), &name);
    if (folder < 0) {
        return folder;
    }
    int code = is_append ? append_to(files, folder, name, data, size_bytes)
                         : replace(folder, name, data, size_bytes);
    close(folder);
    return code;
}

int files_read_trusted(const char *path, size_t max_bytes, char **data, size_t *size_bytes) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return LG_ENOTFOUND;
    }
    struct stat facts;
    int code = LG_ENOTFOUND;
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
        code = read_whole(fd, &facts, max_bytes, data, size_bytes);
    }
    close(fd);
    return code;
}

int files_write_trusted(const char *path, const void *data, size_t size_bytes) {
    FILE *file = fopen(path, "wbe");
    if (file == NULL) {
        return LG_EINTERNAL;
    }
    bool is_written = fwrite(data, 1, size_bytes, file) == size_bytes;
    int cause = errno;
    if (fclose(file) != 0) {
        return LG_EINTERNAL;
    }
    errno = cause;
    return is_written ? LG_OK : LG_EINTERNAL;
}

char *files_folder_of(const char *path) {
    char *real = realpath(path, NULL);
    if (real == NULL) {
        return NULL;
    }
    char *slash = strrchr(real, '/');
    slash[slash == real ? 1 : 0] = '\0';
    return real;
}
