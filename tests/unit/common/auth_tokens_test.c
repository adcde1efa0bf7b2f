/* The --auth file and its tokens, and the whole table of docs/security.md "Who may do what". */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/access/auth_file.h"
#include "common/err.h"
#include "common/log.h"

struct desk {
    char path[64];
    char token[AUTH_CONDUCT + 1][AUTH_TOKEN_ROOM]; /* by role; [0]: made, not in the file */
    char hash[AUTH_CONDUCT + 1][AUTH_HASH_TEXT_ROOM];
};

static int make_desk(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert_int_not_equal(sodium_init(), -1);
    strcpy(desk->path, "/tmp/leggio-auth-XXXXXX");
    int fd = mkstemp(desk->path);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i <= AUTH_CONDUCT; i++) {
        auth_token_make(desk->token[i], desk->hash[i]);
    }
    lg_log_set_level(LG_LOG_ERROR);
    *state = desk;
    return 0;
}

static int drop_desk(void **state) {
    struct desk *desk = *state;
    unlink(desk->path);
    free(desk);
    return 0;
}

static void write_file(const struct desk *desk, const char *text) {
    FILE *file = fopen(desk->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void write_tokens(const struct desk *desk, const char *first_line) {
    char text[1024];
    snprintf(text, sizeof text,
             "# who is who\n%s\n\nview %s\r\n\tplay  %s  \nconduct %s Anna's desk \n", first_line,
             desk->hash[AUTH_VIEW], desk->hash[AUTH_PLAY], desk->hash[AUTH_CONDUCT]);
    write_file(desk, text);
}

static struct auth_tokens *load(const struct desk *desk) {
    char why[512] = "";
    struct auth_tokens *tokens = auth_tokens_load(desk->path, why, sizeof why);
    if (tokens == NULL) {
        fail_msg("%s", why);
    }
    return tokens;
}

static void test_auth_tokens__a_token_is_long_random_text(void **state) {
    const struct desk *desk = *state;
    assert_int_equal(strlen(desk->token[1]), 4 + 43); /* 32 bytes in base64 */
    assert_int_equal(strlen(desk->hash[1]), 8 + 64);
    assert_string_not_equal(desk->token[1], desk->token[2]);
    assert_string_not_equal(desk->hash[1], desk->hash[2]);
    assert_null(strstr(desk->hash[1], desk->token[1] + 4));
}

static void test_auth_tokens__each_token_has_its_role_and_label(void **state) {
    const struct desk *desk = *state;
    struct auth_grant grant;
    write_tokens(desk, "anonymous play");
    struct auth_tokens *tokens = load(desk);
    assert_int_equal(auth_tokens_count(tokens), 3);
    for (enum auth_role role = AUTH_VIEW; role <= AUTH_CONDUCT; role++) {
        auth_tokens_find(tokens, desk->token[role], &grant);
        assert_int_equal(grant.role, role);
        assert_true(grant.token_id != 0);
        assert_string_equal(grant.label, role == AUTH_CONDUCT ? "Anna's desk" : "");
        assert_int_equal(auth_tokens_role(tokens, grant.token_id), role);
    }
    auth_tokens_find(tokens, NULL, &grant);
    assert_int_equal(grant.role, AUTH_PLAY);
    assert_true(grant.token_id == 0);
    auth_tokens_destroy(tokens);
}

static void test_auth_tokens__what_is_no_token_of_ours_is_none(void **state) {
    const struct desk *desk = *state;
    struct auth_grant grant;
    char longer[AUTH_TOKEN_ROOM + 1], other[AUTH_TOKEN_ROOM], shorter[AUTH_TOKEN_ROOM];
    write_tokens(desk, "anonymous conduct");
    struct auth_tokens *tokens = load(desk);
    snprintf(longer, sizeof longer, "%sA", desk->token[AUTH_CONDUCT]);
    strcpy(other, desk->token[AUTH_CONDUCT]);
    other[20] = other[20] == 'A' ? 'B' : 'A';
    strcpy(shorter, desk->token[AUTH_CONDUCT]);
    shorter[strlen(shorter) - 1] = '\0';
    const char *const WRONG[] = {desk->token[0],
                                 longer,
                                 other,
                                 shorter,
                                 "",
                                 "?",
                                 "lgt_",
                                 desk->token[AUTH_CONDUCT] + 4,
                                 desk->hash[AUTH_CONDUCT],
                                 "secret"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        auth_tokens_find(tokens, WRONG[i], &grant);
        assert_int_equal(grant.role, AUTH_NONE);
    }
    auth_tokens_destroy(tokens);
}

static void test_auth_tokens__bad_lines_are_told_by_number_and_not_repeated(void **state) {
    const struct desk *desk = *state;
    const char *hash = desk->hash[1];
    struct {
        const char *format, *place, *what;
    } const ROWS[] = {
        {"# x\n\nboss %s", "line 3:", "a role"},
        {"conduct", "line 1:", "a hash"},
        {"conduct %s0", "line 1:", "a hash"},
        {"conduct sha256:%s", "line 1:", "a hash"},
        {"play blake2b:12", "line 1:", "a hash"},
        {"view %s\nconduct %s", "line 2:", "before"},
        {"\n\n\nconduct lgt_mUIKiWuVEFXMlS2l", "line 4:", "this is a token"},
        {"anonymous", "line 1:", "one role"},
        {"anonymous none", "line 1:", "one role"},
        {"anonymous view play", "line 1:", "one role"},
        {"anonymous view\nanonymous view", "line 2:", "second"},
        {"view %s aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "line 1:", "63"},
        {"view %s a\x01", "line 1:", "control"},
        {"view %s \xff", "line 1:", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char text[512], why[512] = "";
        struct auth_table table = {0};
        snprintf(text, sizeof text, ROWS[i].format, hash, hash); /* unused arguments are fine */
        int code = auth_file_parse("FILE", text, strlen(text), &table, why, sizeof why);
        assert_int_equal(code, LG_EBADREQUEST);
        assert_non_null(strstr(why, "FILE "));
        assert_non_null(strstr(why, ROWS[i].place));
        assert_non_null(strstr(why, ROWS[i].what));
        assert_null(strstr(why, "mUIKiWu"));
        assert_null(table.entries);
    }
}

static void test_auth_tokens__a_bad_file_keeps_the_old_tokens(void **state) {
    const struct desk *desk = *state;
    struct auth_grant grant;
    write_tokens(desk, "");
    struct auth_tokens *tokens = load(desk);
    auth_tokens_find(tokens, desk->token[AUTH_CONDUCT], &grant);
    write_file(desk, "conduct nonsense\n");
    assert_int_not_equal(auth_tokens_reload(tokens), LG_OK);
    assert_int_equal(auth_tokens_role(tokens, grant.token_id), AUTH_CONDUCT);
    unlink(desk->path);
    assert_int_not_equal(auth_tokens_reload(tokens), LG_OK);
    assert_int_equal(auth_tokens_role(tokens, grant.token_id), AUTH_CONDUCT);
    write_file(desk, "anonymous play\n");
    assert_int_equal(auth_tokens_reload(tokens), LG_OK);
    assert_int_equal(auth_tokens_role(tokens, grant.token_id), AUTH_NONE);
    assert_int_equal(auth_tokens_role(tokens, 0), AUTH_PLAY);
    auth_tokens_destroy(tokens);
}

static void test_auth_tokens__a_grant_holds_as_long_as_its_token(void **state) {
    const struct desk *desk = *state;
    char text[256];
    write_tokens(desk, "anonymous play");
    struct auth_policy policy = {.tokens = load(desk)};
    struct auth_request request = {.peer = "192.0.2.1", .token = desk->token[AUTH_CONDUCT]};
    struct auth_grant conductor, foreign, anonymous;
    auth_judge(&policy, &request, &conductor);
    request.origin = "http://evil.example";
    auth_judge(&policy, &request, &foreign);
    assert_int_equal(foreign.role, AUTH_PLAY);
    auth_judge(&policy, &(struct auth_request){0}, &anonymous);
    assert_true(auth_grant_holds(&policy, &conductor) && auth_grant_holds(&policy, &foreign) &&
                auth_grant_holds(&policy, &anonymous));
    snprintf(text, sizeof text, "play %s\n", desk->hash[AUTH_CONDUCT]);
    write_file(desk, text);
    assert_int_equal(auth_tokens_reload(policy.tokens), LG_OK);
    assert_false(auth_grant_holds(&policy, &conductor)); /* may less now */
    assert_true(auth_grant_holds(&policy, &foreign));
    assert_false(auth_grant_holds(&policy, &anonymous)); /* view now */
    auth_tokens_destroy(policy.tokens);
}

static void test_auth_tokens__a_token_may_be_shown_later(void **state) {
    const struct desk *desk = *state;
    write_tokens(desk, "");
    struct auth_policy policy = {.tokens = load(desk)};
    struct auth_grant grant = {.role = AUTH_VIEW},
                      foreign = {.role = AUTH_VIEW, .is_foreign = true};
    assert_false(auth_judge_again(&policy, desk->token[0], &grant));
    assert_int_equal(grant.role, AUTH_VIEW);
    assert_true(auth_judge_again(&policy, desk->token[AUTH_CONDUCT], &grant));
    assert_int_equal(grant.role, AUTH_CONDUCT);
    assert_true(auth_judge_again(&policy, desk->token[AUTH_CONDUCT], &foreign));
    assert_int_equal(foreign.role, AUTH_PLAY);
    auth_tokens_destroy(policy.tokens);
    policy.tokens = NULL;
    grant.role = AUTH_PLAY;
    assert_true(auth_judge_again(&policy, "anything", &grant));
    assert_int_equal(grant.role, AUTH_PLAY);
}

static void test_auth_tokens__where_a_token_is_found(void **state) {
    (void)state;
    static const struct {
        const char *authorization, *query, *token;
    } ROWS[] = {
        {NULL, NULL, ""},
        {"Bearer abc", NULL, "abc"},
        {"bearer   abc ", "token=x", "abc"},
        {"Bearer ", NULL, "?"},
        {"Basic abc", NULL, ""},
        {"Basic abc", "token=def", "def"},
        {NULL, "scene=x&token=def&y", "def"},
        {NULL, "token=", ""},
        {NULL, "xtoken=def&tokens=d", ""},
        {NULL, "token=a&token=b", "a"},
    };
    char token[AUTH_TOKEN_ROOM], huge[1024];
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        auth_find_token(ROWS[i].authorization, ROWS[i].query, token);
        assert_string_equal(token, ROWS[i].token);
    }
    memset(huge, 'a', sizeof huge);
    memcpy(huge, "token=", 6);
    huge[sizeof huge - 1] = '\0';
    auth_find_token(NULL, huge, token);
    assert_string_equal(token, "?");
}

/* -- the table -------------------------------------------------------------- */

static const struct {
    const char *what;
    struct auth_request request;
    bool is_here; /* on this machine */
} PLACES[] = {
    {"curl here", {.peer = "127.0.0.1", .host = "localhost:8000"}, true},
    {"another machine", {.peer = "192.0.2.7", .host = "localhost:8000"}, false},
    {"through a proxy", {.peer = "::1", .host = "localhost", .is_forwarded = true}, false},
    {"rebound name", {.peer = "127.0.0.1", .host = "evil.example"}, false},
};

/* Origin, and is it foreign for requests to localhost? */
static const struct {
    const char *origin;
    bool is_foreign;
} PAGES[] = {{NULL, false},
             {"http://localhost", false},
             {"https://listed.example", false},
             {"http://evil.example", true},
             {"null", true},
             {"", true}};

/* The file's line for anonymous, and what they may do. The first: no --auth. */
static const struct {
    const char *line;
    enum auth_role role;
} FILES[] = {{NULL, AUTH_NONE},
             {"", AUTH_VIEW},
             {"anonymous view", AUTH_VIEW},
             {"anonymous play", AUTH_PLAY},
             {"anonymous conduct", AUTH_CONDUCT}};

/* token_role < 0: none is shown; AUTH_NONE: one that is not known. */
static enum auth_role expected(size_t file, int token_role, bool is_open, size_t place,
                               size_t page) {
    enum auth_role role;
    bool is_foreign = PAGES[page].is_foreign;
    if (PLACES[place].is_here == false && strcmp(PLACES[place].what, "rebound name") == 0) {
        is_foreign = PAGES[page].origin != NULL &&
                     strcmp(PAGES[page].origin, "https://listed.example") != 0 &&
                     strcmp(PAGES[page].origin, "http://evil.example") != 0; /* its own name */
    }
    if (FILES[file].line == NULL) {
        role = is_open || PLACES[place].is_here ? AUTH_CONDUCT : AUTH_PLAY;
    } else {
        role = token_role < 0 ? FILES[file].role : (enum auth_role)token_role;
    }
    return is_foreign && role == AUTH_CONDUCT ? AUTH_PLAY : role;
}

static void test_auth__the_whole_table(void **state) {
    static const char *const LISTED[] = {"listed.example"};
    const struct desk *desk = *state;
    size_t n = 0;
    for (size_t file = 0; file < 5; file++) {
        struct auth_tokens *tokens = NULL;
        if (FILES[file].line != NULL) {
            write_tokens(desk, FILES[file].line);
            tokens = load(desk);
        }
        for (size_t i = 0; i < 4 * 6 * 5 * 2; i++) {
            size_t place = i % 4, page = i / 4 % 6;
            int token = (int)(i / 24 % 5) - 1;
            bool is_open = i / 120 == 1;
            struct auth_policy policy = {.is_open = is_open,
                                         .allow_origins = LISTED,
                                         .n_allow_origins = 1,
                                         .tokens = tokens};
            struct auth_request request = PLACES[place].request;
            request.origin = PAGES[page].origin;
            request.token = token < 0 ? NULL : desk->token[token];
            enum auth_role wanted = expected(file, token, is_open, place, page);
            if (auth_role(&policy, &request) != wanted) {
                fail_msg("%s, origin %s, token %d, file %zu, open %d: %s, not %s",
                         PLACES[place].what, PAGES[page].origin != NULL ? PAGES[page].origin : "-",
                         token, file, is_open, auth_role_name(auth_role(&policy, &request)),
                         auth_role_name(wanted));
            }
            n++;
        }
        auth_tokens_destroy(tokens);
    }
    print_message("# combinations: %zu\n", n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_auth_tokens__a_token_is_long_random_text, make_desk,
                                        drop_desk),
        cmocka_unit_test_setup_teardown(test_auth_tokens__each_token_has_its_role_and_label,
                                        make_desk, drop_desk),
        cmocka_unit_test_setup_teardown(test_auth_tokens__what_is_no_token_of_ours_is_none,
                                        make_desk, drop_desk),
        cmocka_unit_test_setup_teardown(
            test_auth_tokens__bad_lines_are_told_by_number_and_not_repeated, make_desk, drop_desk),
        cmocka_unit_test_setup_teardown(test_auth_tokens__a_bad_file_keeps_the_old_tokens,
                                        make_desk, drop_desk),
        cmocka_unit_test_setup_teardown(test_auth_tokens__a_grant_holds_as_long_as_its_token,
                                        make_desk, drop_desk),
        cmocka_unit_test_setup_teardown(test_auth_tokens__a_token_may_be_shown_later, make_desk,
                                        drop_desk),
        cmocka_unit_test(test_auth_tokens__where_a_token_is_found),
        cmocka_unit_test_setup_teardown(test_auth__the_whole_table, make_desk, drop_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
