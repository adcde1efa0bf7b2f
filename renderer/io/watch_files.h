/* Watching files with inotify, for fileWatcher nodes. The folder is watched, not the file, so that
 * a file which is replaced (editors write aside and rename), or deleted and made again, is still
 * seen. A change is told when the writer closes the file, or another file takes its name. Score
 * thread only. */
#ifndef LEGGIO_IO_WATCH_FILES_H
#define LEGGIO_IO_WATCH_FILES_H

#include <stddef.h>

#define WATCH_FILES_FOLDERS_MAX 1024
#define WATCH_FILES_MAX         4096

/* path: as given to watch_files_add; borrowed */
typedef void (*watch_files_fn)(void *ctx, const char *path);

struct watch_files;

/* NULL when the system has no more watches (logged). */
struct watch_files *watch_files_create(watch_files_fn on_change, void *ctx);
void watch_files_destroy(struct watch_files *watch);
/* Readable while changes wait. */
int watch_files_fd(const struct watch_files *watch);
/* Forget all files; folders that are added again before watch_files_settle stay watched, so that
 * nothing is missed in between. */
void watch_files_clear(struct watch_files *watch);
/* folder: real path; name: of the file in it; path: what on_change is told.
 * A path that is there already is not added again.
 * 0, LG_ETOOLARGE, LG_ENOTFOUND (no such folder) */
int watch_files_add(struct watch_files *watch, const char *folder, const char *name,
                    const char *path);
void watch_files_settle(struct watch_files *watch);
/* Tell what has changed, each path once however often it changed. */
void watch_files_read(struct watch_files *watch);

#endif
