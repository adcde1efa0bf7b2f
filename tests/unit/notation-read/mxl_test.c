/* Compressed scores: what is unpacked, what is refused (docs/operations.md). */
/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "common/err.h"
#include "notation_reading.h"
#include "renderer/notation/read/musicxml.h"

#define CONTAINER                                                                                  \
    "<container><rootfiles><rootfile full-path=\"score.xml\"/></rootfiles></container>"
#define SCORE                                                                                      \
    "<score-partwise><part-list><score-part id=\"a\"/></part-list><part id=\"a\"><measure>"        \
    "<note><rest/><duration>4</duration></note></measure></part></score-partwise>"

struct packed {
    char bytes[1 << 17];
    size_t len;
};

static void add(zip_t *zip, const char *name, const char *text, size_t len) {
    zip_source_t *source = zip_source_buffer(zip, text, len, 0);
    assert_non_null(source);
    assert_true(zip_file_add(zip, name, source, 0) >= 0);
}

/* A zip with a container, a score and n further files. */
static void pack(struct packed *packed, const char *container, const char *score, size_t len,
                 int n) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    zip_source_keep(source);
    add(zip, "META-INF/container.xml", container, strlen(container));
    add(zip, "score.xml", score, len);
    for (int i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof(name), "f%d", i);
        add(zip, name, "", 0);
    }
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_open(source), 0);
    packed->len = (size_t)zip_source_read(source, packed->bytes, sizeof(packed->bytes));
    zip_source_close(source);
    zip_source_free(source);
}

static void check_refused(const struct packed *packed, int code, const char *said) {
    struct notation *notation = NULL;
    struct notation_message error;
    int result = musicxml_read(packed->bytes, packed->len, &notation, &error);
    if (result != code || strstr(error.text, said) == NULL) {
        fail_msg("%d %s", result, error.text);
    }
}

static void test_mxl__root_file_is_read(void **state) {
    (void)state;
    static struct packed packed;
    struct notation *notation = NULL;
    pack(&packed, CONTAINER, SCORE, strlen(SCORE), 3);
    assert_int_equal(musicxml_read(packed.bytes, packed.len, &notation, NULL), 0);
    assert_rational(notation->duration, 1, 1);
    notation_destroy(notation);
}

static void test_mxl__bombs_are_refused(void **state) {
    (void)state;
    static struct packed packed;
    size_t len = 20 * 1000 * 1000;
    char *blanks = malloc(len);
    assert_non_null(blanks);
    memset(blanks, ' ', len);
    pack(&packed, CONTAINER, blanks, len, 0);
    check_refused(&packed, LG_ETOOLARGE, "too large when it is unpacked");
    pack(&packed, CONTAINER, blanks, 1000 * 1000, 0); /* 1000 times its packed size */
    check_refused(&packed, LG_ETOOLARGE, "too large when it is unpacked");
    free(blanks);
    pack(&packed, CONTAINER, SCORE, strlen(SCORE), 1000);
    check_refused(&packed, LG_ETOOLARGE, "too many files");
}

static void test_mxl__damage_is_told(void **state) {
    (void)state;
    static struct packed packed;
    pack(&packed, "<container/>", SCORE, strlen(SCORE), 0);
    check_refused(&packed, LG_EBADREQUEST, "names no root file");
    pack(&packed,
         "<container><rootfiles><rootfile full-path=\"../etc/passwd\"/></rootfiles></container>",
         SCORE, strlen(SCORE), 0);
    check_refused(&packed, LG_EBADREQUEST, "lacks a file");
    pack(&packed, CONTAINER, SCORE, strlen(SCORE), 0);
    size_t len = packed.len;
    packed.len = len / 2;
    check_refused(&packed, LG_EBADREQUEST, "none");
    packed.len = len;
    for (size_t i = 60; i < 160; i++) { /* in the deflated container */
        packed.bytes[i] ^= 0x55;
    }
    struct notation *notation = NULL;
    struct notation_message error;
    assert_int_equal(musicxml_read(packed.bytes, packed.len, &notation, &error), LG_EBADREQUEST);
    assert_true(error.text[0] != '\0');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mxl__root_file_is_read),
        cmocka_unit_test(test_mxl__bombs_are_refused),
        cmocka_unit_test(test_mxl__damage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
