/* leggio-engrave: reads one score, draws a page of it or tells what is in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "engrave/engrave_options.h"
#include "engrave/engrave_report.h"
#include "proto/limits.h"
#include "renderer/notation/page_file.h"

static const char *const EXTENSIONS[] = {
    [PAGE_PNG] = "png", [PAGE_SVG] = "svg", [PAGE_PDF] = "pdf"};

/* Whole file, at most LIMIT_SCRIPT_BYTES; NULL after telling why. */
static char *read_score(const char *path, size_t *len) {
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (file == NULL) {
        fprintf(stderr, "leggio-engrave: can't open file : %s\n", path);
        return NULL;
    }
    size_t capacity = 65536, size = 0, n;
    char *data = malloc(capacity + 1);
    while (data != NULL && (n = fread(data + size, 1, capacity - size, file)) > 0) {
        size += n;
        if (size == capacity) {
            capacity *= 2;
            char *grown =
                capacity > 2 * (size_t)LIMIT_SCRIPT_BYTES ? NULL : realloc(data, capacity + 1);
            if (grown == NULL) {
                free(data);
            }
            data = grown;
        }
    }
    bool is_good = data != NULL && !ferror(file) && size <= LIMIT_SCRIPT_BYTES;
    if (file != stdin) {
        fclose(file);
    }
    if (!is_good) {
        fprintf(stderr, "leggio-engrave: cannot read %s (at most %u MiB)\n", path,
                LIMIT_SCRIPT_BYTES >> 20);
        free(data);
        return NULL;
    }
    data[size] = '\0';
    *len = size;
    return data;
}

static enum page_format choose_format(const char *word, const char *output) {
    const char *dot = output != NULL ? strrchr(output, '.') : NULL;
    const char *wanted = word != NULL ? word : dot != NULL ? dot + 1 : "";
    for (int format = PAGE_PNG; format <= PAGE_PDF; format++) {
        if (strcasecmp(wanted, EXTENSIONS[format]) == 0) {
            return (enum page_format)format;
        }
    }
    return PAGE_PNG;
}

/* The score's file name with another extension, in the working folder; free(). */
static char *default_output(const char *path, enum page_format format) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t stem = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    size_t size = stem + 5;
    char *out = malloc(size);
    if (out != NULL) {
        snprintf(out, size, "%.*s.%s", (int)stem, name, EXTENSIONS[format]);
    }
    return out;
}

static int write_bytes(const char *path, const uint8_t *bytes, size_t size_bytes) {
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wbe");
    bool is_good = file != NULL && fwrite(bytes, 1, size_bytes, file) == size_bytes;
    if (file != NULL && (file == stdout ? fflush(file) : fclose(file)) != 0) {
        is_good = false;
    }
    if (!is_good) {
        fprintf(stderr, "leggio-engrave: cannot write %s\n", path);
    }
    return is_good ? LG_OK : LG_EINTERNAL;
}

static int draw(const struct options *options, const char *path,
                const struct engraving *engraving) {
    const char *output = options_string(options, "output");
    enum page_format format = choose_format(options_string(options, "format"), output);
    size_t page_i = options_is_given(options, "page") ? (size_t)options_int(options, "page") - 1
                    : format == PAGE_PDF              ? PAGE_ALL
                                                      : 0;
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    uint32_t width_px =
        options_is_given(options, "width") ? (uint32_t)options_int(options, "width") : 0;
    int code = page_file_draw(engraving, page_i, format, width_px, &bytes, &size_bytes);
    if (code == LG_ENOTFOUND) {
        fprintf(stderr, "leggio-engrave: no page %zu, the score has %zu\n",
                page_i == PAGE_ALL ? 1 : page_i + 1, engraving->n_pages);
    } else if (code != LG_OK) {
        fprintf(stderr, "leggio-engrave: cannot draw the page: %s\n", lg_err_name(code));
    }
    if (code == LG_OK) {
        char *made = output == NULL ? default_output(path, format) : NULL;
        code = output != NULL || made != NULL
                   ? write_bytes(output != NULL ? output : made, bytes, size_bytes)
                   : LG_ENOMEM;
        free(made);
    }
    free(bytes);
    return code;
}

static int run(const struct options *options) {
    const char *const *files;
    options_list(options, "file", &files);
    bool is_json = options_flag(options, "json");
    struct engraving_options engraving_options = engraving_options_default();
    struct engraving *engraving = NULL;
    struct notation_message error = {0};
    size_t len = 0;
    char *text = read_score(files[0], &len);
    int code = LG_ENOTFOUND;
    if (text == NULL) {
        snprintf(error.text, sizeof error.text, "cannot read %.150s", files[0]);
    } else {
        code = engrave(text, len, &engraving_options, &engraving, &error);
    }
    if (is_json) {
        int printed = report_print(engraving, &error, options_flag(options, "maps"));
        code = code == LG_OK ? printed : code;
    } else if (text != NULL && code != LG_OK) {
        fprintf(stderr, "%s:%d:%d: %s\n", files[0], error.line, error.column, error.text);
    }
    if (code == LG_OK && (!is_json || options_string(options, "output") != NULL)) {
        code = draw(options, files[0], engraving);
    }
    engraving_unref(engraving);
    free(text);
    return code;
}

int main(int argc, char **argv) {
    int status;
    struct options *options = options_load(&ENGRAVE_TABLE, argc, argv, &status);
    if (options == NULL) {
        return status;
    }
    options_open_log(options);
    status = run(options) == LG_OK ? 0 : 1;
    options_destroy(options);
    return status;
}
