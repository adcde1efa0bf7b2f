/* Bounds: size, depth, expansion, linear time; and the round trip through text. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "fake_target.h"
#include "proto/limits.h"

static void drop_message(void *ctx, const struct message *msg) {
    (void)msg;
    ++*(size_t *)ctx;
}

static void drop_query(void *ctx, const struct message *msg, struct message **replies,
                       size_t *n_replies) {
    (void)ctx;
    (void)msg;
    (void)replies;
    (void)n_replies;
}

static void drop_error(void *ctx, const char *text) {
    (void)ctx;
    (void)text;
}

/* `piece` again and again up to size_bytes. */
static char *repeat(const char *piece, size_t size_bytes) {
    size_t len = strlen(piece);
    char *text = malloc(size_bytes + len + 1);
    size_t at = 0;
    for (; at + len <= size_bytes; at += len) {
        memcpy(text + at, piece, len);
    }
    text[at] = '\0';
    return text;
}

static size_t steps_of(const char *piece, size_t size_bytes) {
    size_t n_messages = 0, n_steps;
    struct script_target target = {&n_messages, drop_message, drop_query, drop_error,
                                   NULL,        NULL,         NULL};
    char *text = repeat(piece, size_bytes);
    script_run_counted(&target, text, strlen(text), NULL, &n_steps);
    free(text);
    return n_steps;
}

static void test_run__steps_grow_with_the_size(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "/ITL/scene/a set txt \"hello\" 1 2.5 word img/a.png;\n",
        "/ITL/scene/a watch X ( /ITL/scene/b x 0.5, /ITL/scene/c y 1 );",
        "n = 1; /a x $n++ ( $n > 2 ? 1 : 2 );\n",
        "/a x $unknown; ",
        "<? javascript x ?>",
        "a.b.c.1.2.3-", /* one long run of path characters */
        "/a x 1-2-3.4%5&6;",
        "(* # *)",
        "/a x h:1:2:3 ;",
        "\\",
        "/a x a!b!c@d;",
        "/a set txt \"a\":7000;",
    };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        size_t small = steps_of(pieces[i], 20 * 1024), large = steps_of(pieces[i], 200 * 1024);
        if (large > 11 * small + 4096) {
            fail_msg("%s: %zu steps for 20 KB, %zu for 200 KB", pieces[i], small, large);
        }
    }
}

static void test_run__megabytes_are_read_whole(void **state) {
    (void)state;
    size_t n_messages = 0, n_steps;
    struct script_target target = {&n_messages, drop_message, drop_query, drop_error,
                                   NULL,        NULL,         NULL};
    static const char piece[] = "/ITL/scene/obj set txt \"some text\" 1 2;\n";
    char *text = repeat(piece, 10 * 1024 * 1024);
    assert_int_equal(script_run_counted(&target, text, strlen(text), NULL, &n_steps), 0);
    assert_int_equal(n_messages, strlen(text) / strlen(piece));
    assert_true(n_steps < 2 * strlen(text));
    free(text);
}

static void test_run__too_large_is_refused(void **state) {
    (void)state;
    struct fake_target fake;
    fake_target_init(&fake);
    char *text = repeat("/a x 1; ", LIMIT_SCRIPT_BYTES + 8);
    assert_int_equal(script_run(&fake.target, text, strlen(text), NULL), LG_ETOOLARGE);
    assert_string_equal(fake_text(&fake.errors), "script is larger than 16 MiB\n");
    assert_string_equal(fake_text(&fake.messages), "");
    free(text);
    fake_target_finish(&fake);
}

static void expect_too_deep(const char *piece, size_t n) {
    struct fake_target fake;
    fake_target_init(&fake);
    char *nested = repeat(piece, n * strlen(piece));
    struct text script = {0};
    text_printf(&script, "/a x 1; /a watch X %s", nested);
    assert_int_equal(script_run(&fake.target, script.data, script.len, NULL), LG_ESCRIPT);
    assert_string_equal(fake_text(&fake.messages), "/a x 1\n");
    assert_int_equal(fake.n_errors, 1);
    if (strstr(fake.errors.data, " : nested too deep\n") == NULL) {
        fail_msg("%s: %s", piece, fake.errors.data);
    }
    text_finish(&script);
    free(nested);
    fake_target_finish(&fake);
}

static void test_run__nesting_is_bounded(void **state) {
    (void)state;
    expect_too_deep("(/a watch X ", 10000);
    expect_too_deep("(", 10000);
    expect_too_deep("!", 10000);
    expect_too_deep("( ! ( 1 + ", 10000);
    expect_too_deep("$( /a get @min( ", 10000);
    struct fake_target fake;
    fake_target_init(&fake);
    char *open = repeat("(/a x ", 6 * LIMIT_SCRIPT_NESTING);
    char *close = repeat(")", LIMIT_SCRIPT_NESTING);
    struct text script = {0};
    text_printf(&script, "/a watch X %s%s;", open, close);
    assert_int_equal(script_run(&fake.target, script.data, script.len, NULL), 0);
    assert_int_equal(fake.n_messages, 1);
    text_finish(&script);
    free(open);
    free(close);
    fake_target_finish(&fake);
}

static void test_run__nesting_through_variables_is_bounded(void **state) {
    (void)state;
    struct fake_target fake;
    fake_target_init(&fake);
    char *text = repeat("v = ( /a x $v ); ", 17 * 1000);
    struct text script = {0};
    text_printf(&script, "v = 1; %s", text);
    assert_int_equal(script_run(&fake.target, script.data, script.len, NULL), LG_ESCRIPT);
    assert_non_null(strstr(fake.errors.data, "lists are nested deeper than 256"));
    text_finish(&script);
    free(text);
    fake_target_finish(&fake);
}

/* Doubling sixty times would need more memory than there is. */
static void expect_expansion_refused(const char *first, const char *piece, const char *error) {
    struct fake_target fake;
    fake_target_init(&fake);
    char *text = repeat(piece, 60 * strlen(piece));
    struct text script = {0};
    text_printf(&script, "%s %s /a x 1;", first, text);
    assert_int_equal(script_run(&fake.target, script.data, script.len, NULL), LG_ESCRIPT);
    assert_non_null(strstr(fake.errors.data, error));
    assert_int_equal(fake.n_messages, 0);
    text_finish(&script);
    free(text);
    fake_target_finish(&fake);
}

static void test_run__expansion_is_bounded(void **state) {
    (void)state;
    expect_expansion_refused("v = 1;", "v = $v $v;", ": value of $v is larger than 16 MiB");
    expect_expansion_refused("v = 'abcdefgh';", "v = $v + $v;", "is larger than 16 MiB");
    expect_expansion_refused("v = ( /a x 1 );", "v = ( /a x $v, /b y $v );",
                             ": list is larger than 16 MiB");
}

static void test_run__insertions_together_are_bounded(void **state) {
    (void)state;
    size_t n_messages = 0;
    struct script_target target = {&n_messages, drop_message, drop_query, drop_error,
                                   NULL,        NULL,         NULL};
    char *doubling = repeat("v = $v $v; ", 18 * 11); /* 4 MiB in the end */
    char *using = repeat("/a x $v; ", 100 * 9);
    struct text script = {0};
    text_printf(&script, "v = 1; %s %s", doubling, using);
    assert_int_equal(script_run(&target, script.data, script.len, NULL), LG_ESCRIPT);
    assert_in_range(n_messages, 10, 16);
    text_finish(&script);
    free(doubling);
    free(using);
}

static void test_run__reports_are_bounded(void **state) {
    (void)state;
    struct fake_target fake;
    fake_target_init(&fake);
    char *text = repeat("/a x $u;", 8 * 5000);
    script_run(&fake.target, text, strlen(text), NULL);
    assert_int_equal(fake.n_errors, LIMIT_SCRIPT_REPORTS + 1);
    assert_int_equal(fake.n_messages, 5000);
    free(text);
    fake_target_finish(&fake);
}

/* -- the round trip: parse(print(message)) = message ------------------------ */

static uint32_t seed;

static uint32_t roll(uint32_t n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static char *random_string(void) {
    static const char *const special[] = {
        "+",    "-",    "*",       "?",     "",     "12",   "-1", "1.5",   "-1sw",  "1sh",  "$x",
        "a b",  "é€",   "__END__", ".5",    "/a",   "x;y",  "(",  "\\\\x", "a\\'b", "'\"'", "#c",
        "eval", "expr", "save",    "a.png", "a\nb", "0x1F", "++", "--",    "\\\"q", "=="};
    if (roll(3) == 0) {
        return strdup(special[roll(sizeof(special) / sizeof(special[0]))]);
    }
    static const char letters[] = "abcXYZ019_-+*? .,;:()'\"\\/$#%&!@{}[]<>=\n\t~^|";
    size_t len = roll(12);
    char *text = malloc(len + 2);
    for (size_t i = 0; i < len; i++) {
        text[i] = letters[roll(sizeof(letters) - 1)];
    }
    text[len] = '\0';
    if (len > 0 && text[len - 1] == '\\') { /* no script text can end a string so */
        text[len - 1] = 'x';
    }
    return text;
}

static struct message random_message(unsigned depth);

static struct param random_param(unsigned depth) {
    switch (roll(depth < 3 ? 4 : 3)) {
    case 0:
        return param_int((int32_t)(roll(1u << 24) << 8 | roll(256)));
    case 1:
        return param_float((float)((int)roll(2000) - 1000) / 8.0f);
    case 2: {
        char *text = random_string();
        struct param param = param_string(text);
        free(text);
        return param;
    }
    default: {
        size_t n = 1 + roll(3);
        struct message *messages = calloc(n, sizeof(*messages));
        for (size_t i = 0; i < n; i++) {
            messages[i] = random_message(depth + 1);
        }
        return param_messages(message_list_give(messages, n));
    }
    }
}

static struct message random_message(unsigned depth) {
    static const char *const addresses[] = {"/ITL/scene/a", "/ITL/s*/[a-c]{x,y}", "./sub", "/x"};
    struct message msg;
    message_init(&msg, addresses[roll(4)], NULL);
    if (msg.address[0] == '/' && roll(8) == 0) {
        msg.host = strdup(roll(2) == 0 ? "192.168.0.1" : "::1");
        msg.port = (uint16_t)(1 + roll(65535));
    }
    if (roll(4) > 0) {
        msg.method = random_string();
    }
    for (uint32_t n = roll(5); n > 0; n--) {
        struct param param = random_param(depth);
        if (msg.method == NULL && msg.n_params == 0 && param.kind == PARAM_STRING) {
            param_finish(&param); /* would be the method */
            continue;
        }
        message_give_param(&msg, param);
    }
    return msg;
}

static bool same_messages(const struct message *a, const struct message *b);

static bool same_params(const struct param *a, const struct param *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case PARAM_INT:
        return a->as.i == b->as.i;
    case PARAM_FLOAT:
        return a->as.f == b->as.f;
    case PARAM_STRING:
        return strcmp(a->as.text, b->as.text) == 0;
    case PARAM_MESSAGES:
        break;
    }
    const struct message_list *left = a->as.messages, *right = b->as.messages;
    bool is_same = left->n_messages == right->n_messages;
    for (size_t i = 0; i < left->n_messages && is_same; i++) {
        is_same = same_messages(&left->messages[i], &right->messages[i]);
    }
    return is_same;
}

static bool same_texts(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_messages(const struct message *a, const struct message *b) {
    bool is_same = same_texts(a->host, b->host) && (a->host == NULL || a->port == b->port) &&
                   same_texts(a->address, b->address) && same_texts(a->method, b->method) &&
                   a->n_params == b->n_params;
    for (size_t i = 0; i < a->n_params && is_same; i++) {
        is_same = same_params(&a->params[i], &b->params[i]);
    }
    return is_same;
}

static void keep_message(void *ctx, const struct message *msg) {
    message_copy(ctx, msg);
}

static void fail_error(void *ctx, const char *text) {
    (void)ctx;
    fail_msg("round trip: %s", text);
}

static void test_message_print__is_read_back_alike(void **state) {
    (void)state;
    for (seed = 1; seed < 20000; seed++) {
        uint32_t start = seed;
        struct message msg = random_message(0), back = {0};
        struct text text = {0};
        struct script_target target = {&back, keep_message, drop_query, fail_error,
                                       NULL,  NULL,         NULL};
        message_print(&msg, &text);
        text_printf(&text, ";");
        script_run(&target, text.data, text.len, NULL);
        if (back.address == NULL || !same_messages(&msg, &back)) {
            struct text got = {0};
            message_print(&back, &got);
            fail_msg("seed %u: %s came back as %s", start, text.data, got.data);
        }
        message_finish(&msg);
        message_finish(&back);
        text_finish(&text);
        seed = start;
    }
}

static void test_message_print__never_leaves_a_string_open(void **state) {
    (void)state;
    struct message msg;
    struct text text = {0};
    message_init(&msg, "/a", "\\");
    message_give_param(&msg, param_string("x \\\\"));
    message_print(&msg, &text);
    message_finish(&msg);
    text_printf(&text, "; /b x 1;");
    fake_target_expect(text.data, "/a \"\" \"x \"\n/b x 1\n", "");
    text_finish(&text);
}

/* Scripts of the repository: demo scores and fuzz seeds named good-*. */
static void expect_files_parse(const char *folder, const char *prefix) {
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[1024], text[65536];
        const char *dot = strrchr(entry->d_name, '.');
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || dot == NULL ||
            strcmp(dot, ".inscore") != 0) {
            continue;
        }
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t len = fread(text, 1, sizeof(text), file);
        fclose(file);
        struct fake_target fake;
        fake_target_init(&fake);
        script_run(&fake.target, text, len, entry->d_name);
        const char *error = fake_text(&fake.errors);
        if (strstr(error, "syntax error") != NULL || strstr(error, "math '") != NULL) {
            fail_msg("%s", error);
        }
        assert_true(fake.n_messages > 0);
        fake_target_finish(&fake);
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

static void test_run__scripts_of_the_repository_have_no_syntax_error(void **state) {
    (void)state;
    expect_files_parse("../deploy/scores", "");
    expect_files_parse("fuzz/seeds/script", "good-");
    expect_files_parse("golden/own", "");
    expect_files_parse("golden/reference", "");
    const char *more = getenv("LEGGIO_TEST_SCRIPTS"); /* a folder of further scripts */
    if (more != NULL) {
        expect_files_parse(more, "");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run__steps_grow_with_the_size),
        cmocka_unit_test(test_run__megabytes_are_read_whole),
        cmocka_unit_test(test_run__too_large_is_refused),
        cmocka_unit_test(test_run__nesting_is_bounded),
        cmocka_unit_test(test_run__nesting_through_variables_is_bounded),
        cmocka_unit_test(test_run__expansion_is_bounded),
        cmocka_unit_test(test_run__insertions_together_are_bounded),
        cmocka_unit_test(test_run__reports_are_bounded),
        cmocka_unit_test(test_message_print__is_read_back_alike),
        cmocka_unit_test(test_message_print__never_leaves_a_string_open),
        cmocka_unit_test(test_run__scripts_of_the_repository_have_no_syntax_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
