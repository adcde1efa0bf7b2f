/* What the MusicXML reader refuses and bounds; encodings. */
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

#include "common/err.h"
#include "musicxml_texts.h"
#include "notation_reading.h"
#include "renderer/notation/read/musicxml.h"

static void check_refused(const char *xml, size_t len, int code, const char *said) {
    struct notation *notation = NULL;
    struct notation_message error;
    int result = musicxml_read(xml, len, &notation, &error);
    if (result != code || strstr(error.text, said) == NULL) {
        fail_msg("%d \"%s\" instead of \"%s\"", result, error.text, said);
    }
    assert_null(notation);
}

static void test_musicxml__errors_are_told(void **state) {
    (void)state;
    static const struct {
        const char *xml, *said;
        int line;
    } rows[] = {
        {"<score-partwise>\n<part", "XML: ", 2},
        {"<html/>", "expected <score-partwise> or <score-timewise>, found <html>", 1},
        {"<score-partwise>\n</score-partwise>", "expected a <part-list>", 1},
        {"<score-partwise><part-list><score-part/></part-list></score-partwise>",
         "expected a part with an id", 1},
        {PART(MEASURE("\n<note><duration>1</duration></note>")),
         "expected <pitch>, <unpitched> or <rest>", 2},
        {PART(MEASURE("\n\n<note><rest/></note>")), "expected a <duration>", 3},
        {PART(MEASURE("<note><pitch><step>H</step></pitch><duration>1</duration></note>")),
         "expected a <step>", 1},
        {"<score-partwise><part-list><score-part id=\"a\"/></part-list><part "
         "id=\"b\"/></score-partwise>",
         "part b is not in <part-list>", 1},
        {"<!DOCTYPE s [<!ENTITY a \"b\">]><score-partwise/>", "entities of one's own", 1},
        {PART(MEASURE("<note><rest/><duration>500000</duration></note>")),
         "more than 100000 whole notes", 1},
        {"", "XML: ", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct notation *notation = NULL;
        struct notation_message error;
        assert_true(musicxml_read(rows[i].xml, strlen(rows[i].xml), &notation, &error) < 0);
        if (strstr(error.text, rows[i].said) == NULL ||
            (rows[i].line > 0 && error.line != rows[i].line)) {
            fail_msg("%s: %d:%d %s", rows[i].xml, error.line, error.column, error.text);
        }
    }
}

static void test_musicxml__nothing_outside_the_text_is_read(void **state) {
    (void)state;
    static const char far[] = "<!DOCTYPE score-partwise SYSTEM \"file:///nowhere/no.dtd\">" PART(
        MEASURE(QUARTER("C", "")));
    struct notation *notation = NULL;
    assert_int_equal(musicxml_read(far, strlen(far), &notation, NULL), 0);
    notation_destroy(notation);
    static const char evil[] = "<!DOCTYPE s [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>" PART(
        MEASURE("<direction><direction-type><words>&x;</words></direction-type></direction>"));
    check_refused(evil, strlen(evil), LG_EBADREQUEST, "entities");
}

static void test_musicxml__utf16_is_read(void **state) {
    (void)state;
    static const char text[] =
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" PART(MEASURE(QUARTER("C", "")));
    char wide[2 * sizeof(text)] = "\xff\xfe";
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        wide[2 + 2 * i] = text[i];
        wide[3 + 2 * i] = '\0';
    }
    struct notation *notation = NULL;
    assert_true(musicxml_is_likely(wide, 2 * sizeof(text)));
    assert_int_equal(musicxml_read(wide, 2 * sizeof(text), &notation, NULL), 0);
    assert_rational(notation->duration, 1, 4);
    notation_destroy(notation);
}

static void test_musicxml__likely_bytes_are_known(void **state) {
    (void)state;
    assert_true(musicxml_is_likely("  <score", 8));
    assert_true(musicxml_is_likely("\xef\xbb\xbf<", 4));
    assert_true(musicxml_is_likely("PK\x03\x04", 4));
    assert_false(musicxml_is_likely("[c]", 3));
    assert_false(musicxml_is_likely("", 0));
}

/* before, n times piece, after. */
static void check_much(const char *before, const char *piece, size_t n, const char *after,
                       const char *said) {
    size_t len = strlen(piece), before_len = strlen(before);
    char *text = malloc(before_len + n * len + strlen(after) + 1);
    assert_non_null(text);
    memcpy(text, before, before_len);
    for (size_t i = 0; i < n; i++) {
        memcpy(text + before_len + i * len, piece, len);
    }
    strcpy(text + before_len + n * len, after);
    struct notation *notation = NULL;
    struct notation_message error;
    int result = musicxml_read(text, strlen(text), &notation, &error);
    free(text);
    notation_destroy(notation);
    if ((result == 0) != (said == NULL) || (said != NULL && strstr(error.text, said) == NULL)) {
        fail_msg("%zu x %s: %d %s", n, piece, result, error.text);
    }
}

static void test_musicxml__too_much_is_refused_in_words(void **state) {
    (void)state;
    static const char head[] =
        "<score-partwise><part-list><score-part id=\"a\"/></part-list><part id=\"a\">";
    static const char in[] =
        "<score-partwise><part-list><score-part id=\"a\"/></part-list><part id=\"a\"><measure>";
    static const char out[] = "</measure></part></score-partwise>";
    static const char note[] = "<note><rest/><duration>1</duration></note>";
    check_much(head, "<measure/>", 1500000, "</part></score-partwise>", "more than");
    check_much(in, note, 300000, out, "more than 250000 notes and rests");
    check_much(in, note, 200000, out, NULL);
    check_much(in, "<x>", 100000, out, "XML: ");
    check_much(in, "<direction><direction-type><words>a</words></direction-type></direction>",
               200000, out, NULL);
    check_much(
        in, "<direction><direction-type><wedge type=\"crescendo\"/></direction-type></direction>",
        1000, out, "open tags inside each other");
    check_much(in, "<note><voice>1</voice></note>", 1, out, "expected a <duration>");
    check_much("<score-partwise><part-list><score-part id=\"a\"/></part-list><part "
               "id=\"a\"><measure><note><rest/><duration>1</duration><lyric>",
               "<text>a</text><elision/>", 600000,
               "</lyric></note></measure></part></score-partwise>", "more memory");
    check_much(" ", " ", 17 * 1024 * 1024, "<a/>", "longer than 16 MiB");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_musicxml__errors_are_told),
        cmocka_unit_test(test_musicxml__nothing_outside_the_text_is_read),
        cmocka_unit_test(test_musicxml__utf16_is_read),
        cmocka_unit_test(test_musicxml__likely_bytes_are_known),
        cmocka_unit_test(test_musicxml__too_much_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
