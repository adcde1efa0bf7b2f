/* The worker's side: one document at a time, until the renderer closes the socket. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/draw/svg/svg_document.h"
#include "renderer/draw/svg/svg_wire.h"
#include "renderer/draw/svg/svg_worker.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#endif

struct document {
    char *data; /* librsvg reads it while parsing only */
    struct _RsvgHandle *handle;
    double width, height;
    int code;
};

static bool read_all(void *data, size_t size) {
    char *at = data;
    while (size > 0) {
        ssize_t n = recv(SVG_WIRE_FD, at, size, MSG_WAITALL);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool write_all(const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t n = send(SVG_WIRE_FD, at, size, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool take_document(const struct svg_ask *ask, struct document *document) {
    svg_document_free(document->handle);
    free(document->data);
    char *base_dir = calloc(1, (size_t)ask->base_len + 1);
    *document = (struct document){.data = malloc(ask->doc_len + 1)};
    bool is_read = base_dir != NULL && document->data != NULL &&
                   read_all(base_dir, ask->base_len) && read_all(document->data, ask->doc_len);
    if (is_read) {
        document->handle =
            svg_document_parse(document->data, ask->doc_len, ask->base_len > 0 ? base_dir : NULL);
        document->code =
            document->handle == NULL
                ? LG_EBADREQUEST
                : svg_document_measure(document->handle, &document->width, &document->height);
    }
    free(base_dir);
    return is_read;
}

static bool draw(const struct svg_ask *ask, const struct document *document) {
    struct svg_answer answer = {document->code, document->width, document->height};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, ask->width, ask->height);
    cairo_t *cr = cairo_create(surface);
    cairo_translate(cr, -ask->x, -ask->y);
    const double *m = ask->matrix;
    const cairo_matrix_t matrix = {m[0], m[1], m[2], m[3], m[4], m[5]};
    cairo_transform(cr, &matrix);
    cairo_rectangle(cr, 0, 0, document->width, document->height);
    cairo_clip(cr);
    svg_document_draw(document->handle, document->width, document->height, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        answer.code = LG_ETOOLARGE;
    }
    bool is_written =
        write_all(&answer, sizeof answer) &&
        (answer.code != LG_OK || write_all(cairo_image_surface_get_data(surface),
                                           (size_t)ask->width * 4 * (size_t)ask->height));
    cairo_surface_destroy(surface);
    return is_written;
}

static void set_limits(void) {
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
#ifndef IS_SANITIZED
    const struct rlimit memory = {LIMIT_SVG_MEMORY_BYTES, LIMIT_SVG_MEMORY_BYTES};
    setrlimit(RLIMIT_DATA, &memory);
#endif
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGINT, SIG_IGN); /* of the terminal: the renderer ends first */
}

int svg_worker_main(void) {
    struct svg_ask ask;
    struct document document = {0};
    set_limits();
    bool goes_on = true;
    while (goes_on && read_all(&ask, sizeof ask)) {
        alarm(2 + LIMIT_SVG_MS / 1000); /* also when nobody is left to end it */
        goes_on = ask.is_known || take_document(&ask, &document);
        if (goes_on && ask.draws && document.code == LG_OK) {
            goes_on = draw(&ask, &document);
        } else if (goes_on) {
            const struct svg_answer answer = {document.code, document.width, document.height};
            goes_on = write_all(&answer, sizeof answer);
        }
        alarm(0);
    }
    svg_document_free(document.handle);
    free(document.data);
    return 0;
}
