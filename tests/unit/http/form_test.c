/* POST bodies: web API reference 2.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "gateway-http/form.h"

/* Bodies live on the heap with exactly their size, so that a sanitizer sees a
 * read or write behind them. */
struct parsed {
    struct form form;
    char *body;
    char why[128];
};

static int parse(struct parsed *parsed, const char *type, const char *body, size_t size) {
    parsed->body = malloc(size + 1);
    memcpy(parsed->body, body, size);
    return form_parse(&parsed->form, type, parsed->body, size, parsed->why, sizeof parsed->why);
}

static void finish(struct parsed *parsed) {
    form_finish(&parsed->form);
    free(parsed->body);
}

static void assert_field(const struct parsed *parsed, const char *name, const char *value,
                         size_t size) {
    const struct form_field *field = form_field(&parsed->form, name);
    assert_non_null(field);
    assert_int_equal(field->value_size, size);
    assert_memory_equal(field->value, value, size);
}

static void test_form__urlencoded_fields_are_decoded(void **state) {
    struct parsed p;
    static const char BODY[] = "data=a%2Bb+c%0A&x=%31&empty=&flag&&n=a%00b";
    (void)state;
    assert_int_equal(
        parse(&p, "application/x-www-form-urlencoded; charset=UTF-8", BODY, sizeof BODY - 1),
        LG_OK);
    assert_int_equal(p.form.n_fields, 5);
    assert_field(&p, "data", "a+b c\n", 6);
    assert_field(&p, "x", "1", 1);
    assert_field(&p, "empty", "", 0);
    assert_field(&p, "flag", "", 0);
    assert_field(&p, "n", "a\0b", 3);
    finish(&p);
}

static void test_form__no_type_means_urlencoded(void **state) {
    struct parsed p;
    (void)state;
    assert_int_equal(parse(&p, NULL, "data=1", 6), LG_OK);
    assert_field(&p, "data", "1", 1);
    finish(&p);
    assert_int_equal(parse(&p, NULL, "", 0), LG_OK);
    assert_int_equal(p.form.n_fields, 0);
    finish(&p);
}

static void test_form__plain_text_is_the_script(void **state) {
    struct parsed p;
    (void)state;
    assert_int_equal(parse(&p, "Text/Plain;charset=UTF-8", "a=b&c%20", 8), LG_OK);
    assert_int_equal(p.form.n_fields, 1);
    assert_field(&p, "data", "a=b&c%20", 8);
    finish(&p);
}

static void test_form__json_members_are_fields(void **state) {
    struct parsed p;
    static const char BODY[] =
        "{\"data\": \"a\\n\\\"\\u00e9\\u0000\", \"x\": 12.7, \"y\": -3, \"o\": {}}";
    (void)state;
    assert_int_equal(parse(&p, "application/json", BODY, sizeof BODY - 1), LG_OK);
    assert_field(&p, "data", "a\n\"\xc3\xa9\0", 6);
    assert_true(form_field(&p.form, "x")->is_number);
    assert_int_equal(form_coordinate(form_field(&p.form, "x")), 12);
    assert_int_equal(form_coordinate(form_field(&p.form, "y")), -3);
    assert_false(form_field(&p.form, "o")->is_number);
    finish(&p);
}

static void test_form__bad_json_says_where(void **state) {
    static const char *const ROWS[] = {"", "{", "[1]", "\"a\"", "{\"a\": }", "{\"a\":\"\xff\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct parsed p;
        assert_int_equal(parse(&p, "application/json", ROWS[i], strlen(ROWS[i])), LG_EBADREQUEST);
        assert_non_null(strstr(p.why, "JSON"));
        finish(&p);
    }
}

static void test_form__deep_json_is_refused(void **state) {
    struct parsed p;
    static char body[20001];
    (void)state;
    memset(body, '[', 10000);
    memset(body + 10000, ']', 10000);
    assert_int_equal(parse(&p, "application/json", body, 20000), LG_EBADREQUEST);
    finish(&p);
}

#define TYPE "multipart/form-data; boundary=XyZ"

static void test_form__multipart_fields_are_cut_out(void **state) {
    struct parsed p;
    static const char BODY[] =
        "preamble\r\n--XyZ\r\nContent-Disposition: form-data; name=\"data\"\r\n"
        "Content-Type: text/plain\r\n\r\na\r\n--b\0c\r\n--XyZ\r\n"
        "content-disposition: form-data; filename=\"f;name=z\"; name=other\r\n\r\n\r\n--XyZ--\r\n";
    (void)state;
    assert_int_equal(parse(&p, TYPE, BODY, sizeof BODY - 1), LG_OK);
    assert_int_equal(p.form.n_fields, 2);
    assert_field(&p, "data", "a\r\n--b\0c", 8);
    assert_field(&p, "other", "", 0);
    finish(&p);
}

static void test_form__multipart_boundary_may_be_quoted(void **state) {
    struct parsed p;
    static const char BODY[] =
        "--a b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a b--";
    (void)state;
    assert_int_equal(parse(&p, "multipart/form-data; boundary=\"a b\"", BODY, sizeof BODY - 1),
                     LG_OK);
    assert_field(&p, "x", "1", 1);
    finish(&p);
}

static void test_form__broken_multipart_is_refused(void **state) {
    static const char *const ROWS[] = {
        "",
        "--XyZ",
        "--XyZ\r\n",
        "--XyZ\r\nContent-Disposition: form-data; name=data\r\n\r\nendless",
        "--XyZ\r\nContent-Disposition: form-data; name=data\r\n--XyZ--",
        "nothing at all",
    };
    struct parsed p;
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(parse(&p, TYPE, ROWS[i], strlen(ROWS[i])), LG_EBADREQUEST);
        finish(&p);
    }
    assert_int_equal(parse(&p, "multipart/form-data", "--\r\n", 4), LG_EBADREQUEST);
    finish(&p);
}

static void test_form__part_without_a_name_counts_as_a_field(void **state) {
    struct parsed p;
    static const char BODY[] = "--XyZ\r\n\r\nvalue\r\n--XyZ--";
    (void)state;
    assert_int_equal(parse(&p, TYPE, BODY, sizeof BODY - 1), LG_OK);
    assert_int_equal(p.form.n_fields, 1);
    assert_null(form_field(&p.form, "data"));
    finish(&p);
}

static void test_form__many_fields_are_counted_and_cut(void **state) {
    struct parsed p;
    static char body[4000];
    size_t at = 0;
    (void)state;
    for (int i = 0; i < 500; i++) {
        at += (size_t)snprintf(body + at, sizeof body - at, "f%d=1&", i);
    }
    assert_int_equal(parse(&p, NULL, body, at), LG_OK);
    assert_int_equal(p.form.n_fields, 500);
    assert_null(form_field(&p.form, "f400"));
    finish(&p);
}

static void test_form__other_types_have_no_fields(void **state) {
    struct parsed p;
    (void)state;
    assert_int_equal(parse(&p, "application/octet-stream", "data=1", 6), LG_OK);
    assert_int_equal(p.form.kind, FORM_NONE);
    assert_int_equal(p.form.n_fields, 0);
    finish(&p);
}

static void test_form__coordinates_are_read_leniently(void **state) {
    static const struct {
        const char *text;
        int32_t value;
    } ROWS[] = {{"12", 12},
                {"12.7", 12},
                {" 5", 5},
                {"-4", -4},
                {"abc", 0},
                {"", 0},
                {"99999999999999", INT32_MAX},
                {"-99999999999999", INT32_MIN}};
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct form_field field = {.name = "x", .value = ROWS[i].text};
        assert_int_equal(form_coordinate(&field), ROWS[i].value);
    }
    struct form_field number = {.name = "x", .is_number = true, .number = 1e300};
    assert_int_equal(form_coordinate(&number), INT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form__urlencoded_fields_are_decoded),
        cmocka_unit_test(test_form__no_type_means_urlencoded),
        cmocka_unit_test(test_form__plain_text_is_the_script),
        cmocka_unit_test(test_form__json_members_are_fields),
        cmocka_unit_test(test_form__bad_json_says_where),
        cmocka_unit_test(test_form__deep_json_is_refused),
        cmocka_unit_test(test_form__multipart_fields_are_cut_out),
        cmocka_unit_test(test_form__multipart_boundary_may_be_quoted),
        cmocka_unit_test(test_form__broken_multipart_is_refused),
        cmocka_unit_test(test_form__part_without_a_name_counts_as_a_field),
        cmocka_unit_test(test_form__many_fields_are_counted_and_cut),
        cmocka_unit_test(test_form__other_types_have_no_fields),
        cmocka_unit_test(test_form__coordinates_are_read_leniently),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
