/* Files of a score: read and written inside allowed folders only.
 *
 * A score names files relative to a root path. The root path itself may be moved by a script
 * (`rootPath`), so it is checked too: it must lie inside one of the folders that the operator
 * allowed at start (--root-path, the folder of each --score). Inside a root path openat2 with
 * RESOLVE_BENEATH keeps symbolic links from leading out; where the kernel lacks it, no symbolic
 * link is followed at all.
 *
 * Refused everywhere: absolute paths, "..", NUL, backslash, control characters, what is not a
 * regular file, what is over its bound. After files_allow the struct is read-only: any thread. */
#ifndef LEGGIO_IO_FILES_H
#define LEGGIO_IO_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILES_FOLDERS_MAX 32

struct files;

struct files_options {
    bool has_openat2; /* false: the way for old kernels, for tests */
};
struct files_options files_options_default(void);

struct files *files_create(const struct files_options *options);
void files_destroy(struct files *files);

/* Allow a folder and what lies below. 0, LG_ENOTFOUND when it is no folder, LG_ETOOLARGE. */
int files_allow(struct files *files, const char *dir);

/* Is the path acceptable at all (relative, no "..", no NUL…)? is_public: what clients of the web
 * may ask for: names beginning with a dot are refused too. */
bool files_path_is_safe(const char *path, size_t len, bool is_public);

/* Whole file, at most max_bytes; *data has one more byte, 0, at the end; free(*data). A path that
 * begins with `dir` itself is taken as relative to it (scripts hold absolute paths). returns 0,
 * LG_ENOTFOUND, LG_ETOOLARGE, LG_ENOMEM */
int files_read(const struct files *files, const char *dir, const char *path, size_t max_bytes,
               char **data, size_t *size_bytes);

/* The real path of a root path, owned by the caller; NULL when it is not inside an
 * allowed folder. */
char *files_real_folder(const struct files *files, const char *dir);

/* Is there something of this name? */
bool files_exists(const struct files *files, const char *dir, const char *path);

struct files_range {
    uint8_t *bytes; /* free() */
    size_t size_bytes;
    uint64_t total_size_bytes;
    int64_t mtime_s;
};
/* A part of a file for a client of the web: public paths only, at most max_bytes from offset; past
 * the end gives an empty range. returns 0, LG_ENOTFOUND, LG_ENOMEM */
int files_read_range(const struct files *files, const char *dir, const char *path, size_t path_len,
                     uint64_t offset_bytes, uint64_t max_bytes, struct files_range *out);

/* Would files_write accept this path? Whether the disk does is known when it is written.
 * returns 0, LG_ENOTFOUND (no such folder), LG_EFORBIDDEN */
int files_may_write(const struct files *files, const char *dir, const char *path);

/* Write or append a whole file; its folder must exist. Replaced files are replaced at once (written
 * aside, renamed). returns 0, LG_ENOTFOUND, LG_EFORBIDDEN, LG_EINTERNAL */
int files_write(const struct files *files, const char *dir, const char *path, const void *data,
                size_t size_bytes, bool is_append);

/* A file named by the operator on the command line: any path. returns as files_read */
int files_read_trusted(const char *path, size_t max_bytes, char **data, size_t *size_bytes);
/* The same, written from its beginning. 0, or LG_EINTERNAL with errno. */
int files_write_trusted(const char *path, const void *data, size_t size_bytes);

/* The folder of a path, absolute and real, owned by the caller; NULL when there is none. */
char *files_folder_of(const char *path);

#endif
