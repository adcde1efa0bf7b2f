/* inotify behind a small face: folders, the files of interest in them, changes. */
#include "renderer/io/watch_files.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/score/alloc.h"

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR)

struct folder {
    char *path;
    int id; /* inotify's; -1 = the folder is gone */
    bool is_used;
};

struct file {
    size_t folder_i;
    char *name, *path;
    bool has_changed;
};

struct watch_files {
    int fd;
    watch_files_fn on_change;
    void *ctx;
    struct folder *folders;
    size_t n_folders, folders_capacity;
    struct file *files;
    size_t n_files, files_capacity;
};

struct watch_files *watch_files_create(watch_files_fn on_change, void *ctx) {
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0) {
        lg_log(LG_LOG_WARN, "files", "no_watching", "why=%s", strerror(errno));
        return NULL;
    }
    struct watch_files *watch = alloc_zero(sizeof *watch);
    *watch = (struct watch_files){.fd = fd, .on_change = on_change, .ctx = ctx};
    return watch;
}

void watch_files_destroy(struct watch_files *watch) {
    if (watch == NULL) {
        return;
    }
    watch_files_clear(watch);
    watch_files_settle(watch);
    free(watch->folders);
    free(watch->files);
    close(watch->fd);
    free(watch);
}

int watch_files_fd(const struct watch_files *watch) {
    return watch->fd;
}

void watch_files_clear(struct watch_files *watch) {
    for (size_t i = 0; i < watch->n_files; i++) {
        free(watch->files[i].name);
        free(watch->files[i].path);
    }
    watch->n_files = 0;
    for (size_t i = 0; i < watch->n_folders; i++) {
        watch->folders[i].is_used = false;
    }
}

/* Its place among the folders, or LG_E…. */
static int find_folder(struct watch_files *watch, const char *path, size_t *folder_i) {
    size_t i = 0;
    while (i < watch->n_folders && strcmp(watch->folders[i].path, path) != 0) {
        i++;
    }
    if (i == watch->n_folders) {
        if (i == WATCH_FILES_FOLDERS_MAX) {
            return LG_ETOOLARGE;
        }
        int id = inotify_add_watch(watch->fd, path, EVENTS);
        if (id < 0) {
            return errno == ENOSPC || errno == ENOMEM ? LG_ETOOLARGE : LG_ENOTFOUND;
        }
        watch->folders =
            alloc_grow(watch->folders, i, &watch->folders_capacity, sizeof *watch->folders);
        watch->folders[watch->n_folders++] = (struct folder){.path = alloc_text(path), .id = id};
    } else if (watch->folders[i].id < 0) {
        watch->folders[i].id = inotify_add_watch(watch->fd, path, EVENTS);
    }
    watch->folders[i].is_used = true;
    *folder_i = i;
    return LG_OK;
}

int watch_files_add(struct watch_files *watch, const char *folder, const char *name,
                    const char *path) {
    size_t folder_i;
    for (size_t i = 0; i < watch->n_files; i++) {
        if (strcmp(watch->files[i].path, path) == 0) {
            return LG_OK;
        }
    }
    if (watch->n_files == WATCH_FILES_MAX) {
        return LG_ETOOLARGE;
    }
    int code = find_folder(watch, folder, &folder_i);
    if (code == LG_OK) {
        watch->files =
            alloc_grow(watch->files, watch->n_files, &watch->files_capacity, sizeof *watch->files);
        watch->files[watch->n_files++] =
            (struct file){folder_i, alloc_text(name), alloc_text(path), false};
    }
    return code;
}

void watch_files_settle(struct watch_files *watch) {
    size_t n = 0;
    for (size_t i = 0; i < watch->n_folders; i++) {
        struct folder *folder = &watch->folders[i];
        if (!folder->is_used) {
            if (folder->id >= 0) {
                inotify_rm_watch(watch->fd, folder->id);
            }
            free(folder->path);
            folder->path = NULL;
        } else {
            for (size_t k = 0; n != i && k < watch->n_files; k++) {
                if (watch->files[k].folder_i == i) {
                    watch->files[k].folder_i = n;
                }
            }
            watch->folders[n++] = *folder;
        }
    }
    watch->n_folders = n;
}

static void mark(struct watch_files *watch, const struct inotify_event *event) {
    bool is_all = (event->mask & IN_Q_OVERFLOW) != 0; /* something was lost: all may have changed */
    for (size_t i = 0; i < watch->n_folders; i++) {
        if (event->wd == watch->folders[i].id && (event->mask & IN_IGNORED) != 0) {
            watch->folders[i].id = -1;
        }
    }
    for (size_t i = 0; i < watch->n_files; i++) {
        struct file *file = &watch->files[i];
        bool is_it = event->len > 0 && watch->folders[file->folder_i].id == event->wd &&
                     strcmp(file->name, event->name) == 0;
        file->has_changed = file->has_changed || is_all || is_it;
    }
}

void watch_files_read(struct watch_files *watch) {
    union {
        struct inotify_event event;
        char bytes[64 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
    } buffer;
    ssize_t len;
    while ((len = read(watch->fd, buffer.bytes, sizeof buffer.bytes)) > 0) {
        for (size_t at = 0; at + sizeof buffer.event <= (size_t)len;) {
            struct inotify_event event;
            memcpy(&event, buffer.bytes + at, sizeof event);
            mark(watch, (const struct inotify_event *)(const void *)(buffer.bytes + at));
            at += sizeof event + event.len;
        }
    }
    for (size_t i = 0; i < watch->n_files; i++) {
        if (watch->files[i].has_changed) {
            watch->files[i].has_changed = false;
            watch->on_change(watch->ctx, watch->files[i].path);
        }
    }
}
