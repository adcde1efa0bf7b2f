/* Runs a fuzz target over files: without libFuzzer the seeds are still a test.
 * Arguments: files and folders of files. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SEED_BYTES_MAX (4u * 1024 * 1024)

static int run_file(const char *path) {
    uint8_t *data = malloc(SEED_BYTES_MAX);
    FILE *file = fopen(path, "rb");
    if (file == NULL || data == NULL) {
        perror(path);
        free(data);
        return 0;
    }
    size_t len = fread(data, 1, SEED_BYTES_MAX, file);
    fclose(file);
    uint8_t *exact = malloc(len > 0 ? len : 1); /* so that reads beyond the end are seen */
    if (exact == NULL) {
        abort();
    }
    memcpy(exact, data, len);
    free(data);
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 1;
}

static int run_path(const char *path) {
    DIR *dir = opendir(path);
    struct dirent *entry;
    int n_files = 0;
    if (dir == NULL) {
        return run_file(path);
    }
    while ((entry = readdir(dir)) != NULL) {
        char file[4096];
        if (entry->d_name[0] != '.') {
            snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
            n_files += run_file(file);
        }
    }
    closedir(dir);
    return n_files;
}

int main(int argc, char **argv) {
    int n_files = 0;
    for (int i = 1; i < argc; i++) {
        n_files += run_path(argv[i]);
    }
    printf("%d seeds\n", n_files);
    return n_files > 0 ? 0 : 1;
}
