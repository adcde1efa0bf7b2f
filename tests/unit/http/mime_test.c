/* Media types; the search needs a sorted table, so every type a score or a page
 * is made of is looked up once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/mime.h"

static void test_mime__every_known_extension_is_found(void **state) {
    static const char *const ROWS[][2] = {
        {"a.inscore", "text/plain; charset=utf-8"},
        {"a.txt", "text/plain; charset=utf-8"},
        {"a.pdf", "application/pdf"},
        {"a.png", "image/png"},
        {"a.jpeg", "image/jpeg"},
        {"a.jpg", "image/jpeg"},
        {"a.gif", "image/gif"},
        {"a.svg", "image/svg+xml"},
        {"a.html", "text/html; charset=utf-8"},
        {"a.css", "text/css; charset=utf-8"},
        {"a.js", "text/javascript; charset=utf-8"},
        {"a.mjs", "text/javascript; charset=utf-8"},
        {"a.json", "application/json"},
        {"a.xml", "application/xml"},
        {"a.gmn", "text/plain; charset=utf-8"},
        {"a.wav", "audio/wav"},
        {"a.mp3", "audio/mpeg"},
        {"a.ogg", "audio/ogg"},
        {"a.mp4", "video/mp4"},
        {"a.webm", "video/webm"},
        {"a.webp", "image/webp"},
        {"a.woff2", "font/woff2"},
        {"a.aac", "audio/aac"},
        {"a.zip", "application/zip"},
        {"a.mid", "audio/midi"},
        {"a.wasm", "application/wasm"},
        {"a.avif", "image/avif"},
        {"a.musicxml", "application/vnd.recordare.musicxml+xml"},
        {"A.PNG", "image/png"},
        {"dir.png/a", "application/octet-stream"},
        {"a", "application/octet-stream"},
        {"a.unknown", "application/octet-stream"},
        {"a.", "application/octet-stream"},
        {"a.png.exe", "application/octet-stream"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_string_equal(lg_mime_of_path(ROWS[i][0]), ROWS[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mime__every_known_extension_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
